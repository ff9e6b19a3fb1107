//! Scenarios played: what they can say, and what is said of those that go otherwise.

use super::{NEWSLETTER, SHIPPED, played, read, told};

#[test]
fn steps_can_say_all_that_happens() {
    let text = include_str!("all_that_happens.yaml");
    let played = played(&NEWSLETTER, text);
    assert!(played.is_good(), "{:#?}", played.findings);
    assert_eq!(played.acts.len(), 14);
}

/// Plays a newsletter's scenario with these steps; what is said of it.
fn findings(steps: &str) -> String {
    let given = "given: { accounts: { lin: { attributes: { email: lin@example.com } } } }";
    let text = format!("{given}\nsteps:\n{steps}");
    let mut sources = NEWSLETTER.sources.clone();
    sources.add("scenario.yaml", &text);
    match read(&NEWSLETTER, &text) {
        Ok(_) => told(&sources, &played(&NEWSLETTER, &text).findings),
        Err((sources, findings)) => told(&sources, &findings),
    }
}

#[test]
fn what_goes_otherwise_is_told_at_its_place() {
    let wrong = [
        "  - { run: subscription.leave, as: reader/lin }",
        "  - { run: subscription.join, as: reader/lin, expect: applied }",
        "  - { run: subscription.leave, as: reader/lin, expect: { denied: guard } }",
        "  - { run: subscription.leave, as: reader/lin, expect: { denied: state, code: X } }",
        "  - { run: subscription.join, as: reader/lin, expect: { sent: [], fires: [subscription.join] } }",
        "  - { run: subscription.join, as: reader/lin, expect: { states: { subscription: reading }, used: { codes: 2 } } }",
        "  - { run: subscription.join, as: reader/lin, expect: { attributes: { email: o@example.com }, attempts: [] } }",
        "  - { run: subscription.join, as: reader/lin, times: 9, every: 1m }",
        "  - { wait: 1d, expect: { lapsed: [subscription.join], outcome: applied } }",
        "  - { wait: 1d, expect: { lapsed: [subscription.join] } }",
        "  - { confirm: address }",
    ];
    let told: String = wrong.iter().map(|steps| findings(steps)).collect();
    insta::assert_snapshot!(told, @r"
    A0081 3:7 step 1 is denied by the state gate [expected not to be denied]
          D0005: `subscription.leave` does not leave from `left`
          decided at workflows/newsletter/subscription.yaml:19:3
    A0081 3:55 step 1 waits for `address` [expected to be applied]
    A0081 3:58 step 1 is denied by the state gate [expected to be denied by the guard gate]
          D0005: `subscription.leave` does not leave from `left`
          decided at workflows/newsletter/subscription.yaml:19:3
    A0081 3:73 step 1 is denied by the state gate [expected to be denied with X]
          D0005: `subscription.leave` does not leave from `left`
          decided at workflows/newsletter/subscription.yaml:19:3
    A0081 3:67 step 1 fires: nothing [expected `subscription.join`]
    A0081 3:57 step 1 also sends `verification_code` [expected nothing]
          sent: `verification_code` by email to l***@example.com: 307795 is your code for subscription.join. It is valid for 10m. Tell it to nobody.
    A0081 3:81 `subscription` of account `lin` is in `left` [expected `reading`]
    A0081 3:107 account `lin` has used 1 of `codes` [expected 2]
    A0081 3:78 `email` of account `lin` is l***@example.com [expected o***@example.com]
    A0081 3:95 account `lin` has open attempts: `subscription.join` [expected nothing]
    A0081 3:7 step 1 (6 of 9) is denied by the quota gate [expected not to be denied]
          Q0001: quota `codes` of 5 is used up
          decided at workflows/newsletter/account.yaml:14:3
    A0081 3:56 step 1 asks for nothing, so nothing answers [expected an answer]
    A0081 3:27 step 1 ends attempts by lapse: nothing [expected `subscription.join`]
    A0082 3:7 no step before this one opened an attempt []
          an attempt is open after a step that is answered by waiting for a proof
    ");
}

#[test]
fn what_means_nothing_is_told_at_its_place() {
    let wrong = [
        "  - { run: subscription.jion, as: reader/lin }",
        "  - { run: subscription.resume, as: reader/lin }",
        "  - { run: subscription.join }",
        "  - { run: subscription.join, as: raeder/lin }",
        "  - { run: subscription.join, as: reader/lin, account: lim }",
        "  - { run: subscription.join, as: reader/lin, input: { email: x }, with: wrong }",
        "  - { run: subscription.join, as: reader/lin, context: { mfa: true }, ack: [adress] }",
        "  - { run: subscription.join, wait: 1d }",
        "  - { about: nothing }",
        "  - { confirm: adress, of: subscription.jion, expect: { used: { code: 1 } } }",
        "  - { wait: 1d, expect: { states: { subscription: left2 }, unset: [mail] } }",
        "  - { wait: 1d, expect: { attributes: { email: x }, sent: [verification] } }",
        "  - { restart: false }",
        "  - { create: eve, times: 0 }",
        "  - { wait: 1d, expect: aplied }",
    ];
    let told: String = wrong.iter().map(|steps| findings(steps)).collect();
    insta::assert_snapshot!(told, @r"
    W0212 3:12 there is no transition `subscription.jion` []
          did you mean `subscription.join`?
    W0211 3:12 nobody asks for `subscription.resume` []
          it happens by itself: write `wait: 30d`
    W0211 3:7 nobody asks []
          write `as:` with who does, as `kind/name`
    W0214 3:35 there is no principal `raeder/lin` []
          describe it under `given:`, `principals:`
    W0212 3:56 this scenario has no account `lim` []
          did you mean `lin`?
    W0211 3:68 `with` does not go with `run` []
    W0212 3:56 `subscription.join` has no input `email` []
    W0212 3:77 `subscription.join` has no verification `adress` []
          did you mean `address`?
    W0212 3:58 context `mfa`: the lifecycle declares no such fact []
    W0211 3:31 this step says `run` and `wait` []
          make two steps of it
    W0211 3:7 this step does nothing []
          write one of run, confirm, resend, cancel, create, wait, restart
    W0212 3:16 there is no verification `adress` []
          did you mean `address`?
    W0212 3:28 there is no transition `subscription.jion` []
          did you mean `subscription.join`?
    W0212 3:65 there is no quota `code` []
          did you mean `codes`?
    W0212 3:51 there is no state `left2` []
          did you mean `left`?
    W0212 3:68 there is no attribute `mail` []
          did you mean `email`?
    W0212 3:60 there is no message `verification` []
          did you mean `verification_code`?
    W0213 3:48 expected an e-mail address such as ops@example.com [its type is email]
    W0211 3:16 write `restart: true` []
    W0211 3:27 a step is done 1 to 1000 times []
    W0108 3:25 `aplied` is not one of the words known here []
          did you mean `applied`?
    ");
}

#[test]
fn what_is_personal_is_masked() {
    let steps = "  - { run: subscription.join, as: reader/lin, expect: { attributes: { email: o@example.com } } }";
    let told = findings(steps);
    assert!(
        told.contains("l***@example.com") && !told.contains("lin@"),
        "{told}"
    );
}

#[test]
fn a_scenario_of_the_shipped_lifecycle_says_less_than_it_checks() {
    let text = "\
given:
  accounts:
    \"1002\": { attributes: { display_name: ra2, country: SG, path: rd-3G/r-Wm/fd-A/1002, manager: \"1000\", email: a@example.com, phone: \"+6591234567\" }, states: { mobile_phone: bound } }
steps:
  - { run: mobile_phone.bind, as: ram_user/full, input: { phone: \"+6598765432\" }, expect: { denied: state, code: AccountSecureMobileAlreadyExists } }
";
    assert!(played(&SHIPPED, text).is_good());
}
