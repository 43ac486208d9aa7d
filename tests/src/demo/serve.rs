//! An appliance with an open mock election, to try the commands by hand.

use std::path::Path;

use tachiai_schemas::staff::Role;

use super::hands::{BY_HAND, PASSWORD, PIN, Terminal};
use super::{Extent, Folder, Readers, Screen, Stage, enough, paper};
use crate::pcscd::Pcscd;
use crate::trouble::Trouble;

/// Sets up an open election of `count` electors, prints what can be tried, and waits until `until` returns. Readers are left empty: putting the card
/// into one and taking it out is part of the trial.
///
/// # Errors
/// [`Trouble`]; whatever was started is stopped.
pub fn serve(folder: &Folder, count: usize, readers: &Readers, screen: &mut Screen, until: impl FnOnce()) -> Result<(), Trouble> {
    enough(count)?;
    let mut stage = Stage::set(folder, count, Extent::WithPlaces, screen)?;
    readers.say(screen);
    let mut terminals = (0..BY_HAND.min(count)).map(|number| Terminal::of(&stage, number, folder, readers)).collect::<Result<Vec<_>, _>>()?;
    if let Readers::Sockets { .. } = readers {
        terminals.iter_mut().try_for_each(Terminal::insert)?;
    }
    print_voters(&stage, readers, &terminals, screen)?;
    print_desk(&stage, &terminals, screen)?;
    let auditor = stage.appliance.staff("auditor", Role::Auditor)?;
    print_staff(&stage, folder.path(), screen);
    println!("\n{}:\n    tachiai --profile {} console", screen.pick("監査人", "Auditor"), auditor.profile().display());
    println!("\n{}", screen.pick("終了するには Ctrl-C を押してください。", "Press Ctrl-C to end."));
    until();
    println!();
    if stage.appliance.daemon().is_some() {
        // The key press has reached the daemon as well, which may have ended by itself.
        let _ = stage.appliance.stop();
    }
    Ok(())
}

fn print_voters(stage: &Stage, readers: &Readers, terminals: &[Terminal<'_>], screen: &Screen) -> Result<(), Trouble> {
    let election = stage.holding.election.to_string();
    let programs = stage.appliance.programs().path("tachiai")?;
    println!("\n{}", screen.pick("別の bash で次を実行してから:", "In another bash, first:"));
    println!("    export PATH={}:$PATH", programs.parent().unwrap_or(Path::new(".")).display());
    println!("    line=\"--server {} --ca {}\"", stage.appliance.url(), stage.appliance.ca().display());
    println!("    which=\"--election {election} --manifest {}\"", stage.holding.fingerprint());
    if let Readers::Service(pcscd) = readers {
        println!("    export {}={}", Pcscd::VARIABLE, pcscd.socket().display());
    }
    println!(
        "\n{} {PIN} / {PASSWORD} / 5678",
        screen.pick("有権者（暗証番号 / 署名用パスワード / 券面事項入力補助用）:", "Voters (PIN / signing password / card text PIN):")
    );
    for (number, (terminal, elector)) in terminals.iter().zip(&stage.electors).enumerate() {
        let options = terminal.card_options()?;
        let card = options.iter().map(|word| if word.contains(' ') { format!("'{word}'") } else { word.clone() }).collect::<Vec<_>>().join(" ");
        println!("\n  {} {}", elector.name, elector.address);
        if let Some(reader) = readers.reader(number) {
            println!("    tachiai-vcard --card {} --vpcd {}", terminal.file.display(), reader.port);
            println!("    tachiai card info --reader '{}'", reader.name);
        }
        println!("    tachiai card enrol $line {card}");
        println!("    tachiai vote $line $which {card}");
        println!("    tachiai challenge $line $which {card} --choice mayor=m2");
    }
    if let Readers::Service(_) = readers {
        println!(
            "\n{}",
            screen.pick(
                "tachiai-vcard はカードをリーダーに置きます（Ctrl-C で外れます。もう一つの端末で実行してください）。\n--sign-delay 8000 を付けると署名に8秒かかるので、その途中で外してみることができます。--fault で故障も起こせます（tachiai-vcard --help）。",
                "tachiai-vcard puts the card into its reader, and Ctrl-C takes it out: run it in a second terminal.\nWith --sign-delay 8000 signing takes eight seconds, time enough to pull the card out; --fault makes it fail in other ways (tachiai-vcard --help).",
            )
        );
    }
    println!("\n{}:", screen.pick("受領証と、確認用に開いた投票", "Receipts, and a ballot that was opened"));
    println!("    tachiai receipt check receipt-….json $line");
    println!("    tachiai-verify ballot receipt-….json receipt-….opening.json");
    Ok(())
}

/// The desk of the town hall, to whose reader every card may be brought.
fn print_desk(stage: &Stage, terminals: &[Terminal<'_>], screen: &Screen) -> Result<(), Trouble> {
    let polling = &stage.polling;
    let [first, second] = stage.desk.each_ref().map(|official| format!("tachiai --profile {}", official.profile().display()));
    let officers = paper::OFFICERS.map(|name| polling.officer(name).display().to_string());
    println!(
        "\n{} ({}: {}):",
        screen.pick("期日前投票所（職員2人。管理者・立会人）", "Early polling place (two officials; manager and witnesses)"),
        screen.pick("パスフレーズ", "passphrase"),
        crate::polling::PASSPHRASE
    );
    println!("    desk=\"--desk {} --state {}\"", polling.desk_key(paper::PLACE).display(), polling.state(paper::PLACE).display());
    println!("    officers=\"{}\"", officers.each_ref().map(|file| format!("--officer {file}")).join(" "));
    if let Some(terminal) = terminals.last() {
        // The voter's device has a memory of its own; the desk has another.
        let card: Vec<String> = terminal.card_options()?.into_iter().take_while(|word| word != "--state").collect();
        let card = card.iter().map(|word| if word.contains(' ') { format!("'{word}'") } else { word.clone() }).collect::<Vec<_>>().join(" ");
        println!("    {first} poll check-in $desk --manifest {} {card}", stage.holding.fingerprint());
    }
    println!("    {first} poll check-in $desk --manifest {} --by-name no-card", stage.holding.fingerprint());
    if let Some(elector) = stage.electors.get(BY_HAND) {
        let said = screen.pick("尋ねられたら、宛名番号に", "asked for the number, type");
        println!("        ({said} {}: {}  {})", elector.resident_number(), elector.name, elector.birth);
    }
    println!("    {second} approve ID");
    println!("    {first} poll undo $desk --reason mistake $officers");
    println!("    {first} poll status $desk");
    println!("    {first} poll day-close $desk $officers");
    println!(
        "    {}",
        screen.pick(
            "（締めるまで close-poll はできません。カードの操作は、上の有権者と同じリーダーで試せます）",
            "(close-poll waits for the day-close; the cards are those of the voters above)"
        )
    );
    Ok(())
}

fn print_staff(stage: &Stage, folder: &Path, screen: &Screen) {
    let staff = stage.holding.staff();
    let [first, second] = [&staff.first, &staff.second].map(|official| format!("tachiai --profile {}", official.profile().display()));
    let stick = folder.join("people/stick");
    println!("\n{}:", screen.pick("選挙管理委員会（2人）", "Election commission (two officials)"));
    println!("    {first} election status");
    println!("    {first} election close-online");
    println!("    {second} approvals");
    println!("    {second} approve ID");
    println!("    {first} election close-poll");
    println!("    {first} election carry {}", stick.display());
    println!(
        "    {}",
        screen.pick(
            "（立会人5人のうち4人以上が decrypt で集計宣言に署名し、carry。そのうち3人以上がもう一度 decrypt、carry。count と publish も承認が必要です）",
            "(at least 4 of the 5 trustees sign the tally statement by decrypt, carry; 3 of them decrypt again, carry; count and publish need an approval, too)"
        )
    );
    println!("    {first} election paper-count enter --contest mayor --vote m1=… --vote m2=… --vote m3=… --vote m4=… --valid … --blank … --invalid …");
    println!(
        "    {}",
        screen.pick(
            "（用紙を交付したとき。もう1人の職員も同じ数を入力し、管理者と立会人が署名します）",
            "(where papers were handed out; the other official enters the same, then the manager and the witnesses sign)"
        )
    );
    let keys = paper::OFFICERS.map(|name| format!("--key {}", stage.polling.officer(name).display())).join(" ");
    println!("    {first} election paper-count sign --contest mayor {keys}");
    println!("    {first} election count");
    println!("    {first} election publish");
    println!(
        "    {}",
        screen.pick("（公表の後、証人が連署してから書き出します）", "(after the publication, the witness cosigns before the record is exported)")
    );
    println!("    tachiai-witness follow --once --state {}", folder.join("witness").display());
    println!("    {first} election export-record record --election {}", stage.holding.election);
    println!("\n{} ({}: {}):", screen.pick("立会人", "Trustees"), screen.pick("パスフレーズ", "passphrase"), crate::trustees::PASSPHRASE);
    for trustee in &staff.trustees {
        println!("    {}", trustee.typed(stage.holding.decrypting()));
    }
    println!("\nAPI: {}/api/v1/openapi.json", stage.appliance.url());
}
