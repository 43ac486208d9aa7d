//! An appliance with an open mock election, to try the commands by hand.

use std::path::Path;

use super::hands::{BY_HAND, PASSWORD, PIN, Terminal};
use super::{Folder, Screen, Stage};
use crate::trouble::{Doing, Trouble};

/// Sets up an open election of `count` electors, prints what can be tried, and waits until `until` returns.
///
/// # Errors
/// [`Trouble`]; whatever was started is stopped.
pub fn serve(folder: &Folder, count: usize, screen: &mut Screen, until: impl FnOnce()) -> Result<(), Trouble> {
    let mut stage = Stage::set(folder, count, screen)?;
    let sockets = tempfile::tempdir().doing("a folder for sockets")?;
    let terminals = (0..BY_HAND.min(count)).map(|number| Terminal::of(&stage, number, folder, sockets.path())).collect::<Result<Vec<_>, _>>()?;
    print_voters(&stage, &terminals, screen)?;
    print_staff(&stage, folder.path(), screen);
    println!("\n{}", screen.pick("終了するには Ctrl-C を押してください。", "Press Ctrl-C to end."));
    until();
    println!();
    if stage.appliance.daemon().is_some() {
        // The key press has reached the daemon as well, which may have ended by itself.
        let _ = stage.appliance.stop();
    }
    Ok(())
}

fn print_voters(stage: &Stage, terminals: &[Terminal], screen: &Screen) -> Result<(), Trouble> {
    let election = stage.holding.election.to_string();
    let programs = stage.appliance.programs().path("tachiai")?;
    println!("\n{}", screen.pick("別の bash で次を実行してから:", "In another bash, first:"));
    println!("    export PATH={}:$PATH", programs.parent().unwrap_or(Path::new(".")).display());
    println!("    line=\"--server {} --ca {}\"", stage.appliance.url(), stage.appliance.ca().display());
    println!("    which=\"--election {election} --manifest {}\"", stage.holding.fingerprint());
    println!("\n{} {PIN} / {PASSWORD}", screen.pick("有権者（暗証番号 / 署名用パスワード）:", "Voters (PIN / signing password):"));
    for (terminal, elector) in terminals.iter().zip(&stage.electors) {
        let card = format!("--card {} --state {}", terminal.socket.display(), terminal.state.display());
        println!("\n  {} {}", elector.name, elector.address);
        println!("    tachiai enrol $line {card}");
        println!("    tachiai vote $line $which {card}");
        println!("    tachiai challenge $line $which {card} --choice mayor=m2");
    }
    println!("\n{}:", screen.pick("受領証と、確認用に開いた投票", "Receipts, and a ballot that was opened"));
    println!("    tachiai receipt check receipt-….json $line");
    println!("    tachiai-verify ballot receipt-….json receipt-….opening.json");
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
    println!("    {first} election count | publish | export-record DIR");
    println!("\n{} ({}: {}):", screen.pick("立会人", "Trustees"), screen.pick("パスフレーズ", "passphrase"), crate::trustees::PASSPHRASE);
    for trustee in &staff.trustees {
        println!("    {}", trustee.typed(stage.holding.decrypting()));
    }
    println!("\nAPI: {}/api/v1/openapi.json", stage.appliance.url());
}
