//! What the demonstration plays, act by act.

use super::stage::Stage;
use crate::error::CliError;
use crate::output::demo::DemoDocument;

const OPERATOR: &str = "ram_user/ops-lin";
const VISITOR: &str = "visitor/ra2";
const ROOT: &str = "root/1002";

const NUMBER: (&str, &str) = ("phone", "+6591234567");
const OTHER_NUMBER: (&str, &str) = ("phone", "+6598765432");

/// Plays both parts.
pub fn play(stage: &mut Stage) -> Result<DemoDocument, CliError> {
    bind(stage)?;
    change(stage)?;
    stage.curtain()
}

fn bind(stage: &mut Stage) -> Result<(), CliError> {
    stage.part(
        "A resource account gets its number",
        "An operator of the management account binds it in the console; a code proves that it is \
         there.",
    );
    stage.run(OPERATOR, "mobile_phone.bind", &[NUMBER])?;
    stage.confirm_wrong()?;
    stage.confirm()
}

fn change(stage: &mut Stage) -> Result<(), CliError> {
    stage.part(
        "Its number is to be changed",
        "The console only binds. And whoever could change it, the root user, cannot log on.",
    );
    stage.run(OPERATOR, "mobile_phone.bind", &[OTHER_NUMBER])?;
    stage.run(ROOT, "mobile_phone.change", &[OTHER_NUMBER])?;

    stage.part(
        "So the account becomes a cloud account",
        "That lets its root user in, who may do anything: somebody has to say that they know.",
    );
    stage.run(OPERATOR, "member_type.switch_to_cloud", &[])?;
    stage.acknowledge("root_risk")?;

    stage.part(
        "The root user retrieves a password",
        "From the logon page, by a code to the number that the account has.",
    );
    stage.run(VISITOR, "root_user.retrieve_password", &[])?;
    stage.confirm()?;

    stage.part(
        "The root user changes the number",
        "First the old number says who asks, then the new one that it is theirs.",
    );
    stage.run(ROOT, "mobile_phone.change", &[OTHER_NUMBER])?;
    stage.confirm()?;
    stage.confirm()?;

    stage.part(
        "And the account becomes a resource account again",
        "As was owed since the switch. Its root user can no longer log on.",
    );
    stage.run(OPERATOR, "member_type.switch_to_resource", &[])?;
    stage.acknowledge("disable_risk")?;
    stage.confirm()
}
