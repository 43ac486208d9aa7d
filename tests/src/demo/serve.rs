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
    print_staff(&stage, folder.path(), screen)?;
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
    let which = ["--election", &election, "--manifest", stage.holding.fingerprint()];
    println!("\n{} {} / {PASSWORD}", screen.pick("有権者（暗証番号 / 署名用パスワード）:", "Voters (PIN / signing password):"), PIN);
    for (terminal, elector) in terminals.iter().zip(&stage.electors) {
        println!("\n  {} {}", elector.name, elector.address);
        println!("    {}", terminal.typed("enrol", &[])?);
        println!("    {}", terminal.typed("vote", &[&which[..], &["--choice", "mayor=m1"]].concat())?);
        println!("    {}", terminal.typed("challenge", &[&which[..], &["--choice", "mayor=m2"]].concat())?);
    }
    let receipt = screen.pick("受領証の確認", "Check a receipt");
    let program = stage.appliance.programs().path("tachiai")?;
    println!(
        "\n  {receipt}:\n    {} receipt check receipt-….json --server {} --ca {}",
        program.display(),
        stage.appliance.url(),
        stage.appliance.ca().display()
    );
    let verify = stage.appliance.programs().path("tachiai-verify")?;
    println!("    {} ballot receipt-….json receipt-….opening.json", verify.display());
    Ok(())
}

fn print_staff(stage: &Stage, folder: &Path, screen: &Screen) -> Result<(), Trouble> {
    let program = stage.appliance.programs().path("tachiai")?;
    let staff = stage.holding.staff();
    let [first, second] = [&staff.first, &staff.second].map(|official| format!("{} --profile {}", program.display(), official.profile().display()));
    println!("\n{}:", screen.pick("選挙管理委員会（2人）", "Election commission (two officials)"));
    println!("    {first} election status");
    println!("    {first} election close-online");
    println!("    {second} approvals");
    println!("    {second} approve ID");
    println!("    {first} election close-poll");
    println!("    {first} election carry {}", folder.join("people/stick").display());
    println!("\n{}:", screen.pick("立会人", "Trustees"));
    for trustee in &staff.trustees {
        println!("    {}", trustee.typed("state")?);
    }
    println!("    {}: {}", screen.pick("パスフレーズ", "passphrase"), crate::trustees::PASSPHRASE);
    println!("\nAPI: {}/api/v1/openapi.json", stage.appliance.url());
    Ok(())
}
