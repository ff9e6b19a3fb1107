//! What falls to whoever controls a phone, a mailbox, an operator.

use insta::assert_snapshot;

use crate::common::Project;

const ACCEPTED: &str = "workflows/resource_account/checks/accepted.yaml";
const ROOT_USER: &str = "workflows/resource_account/root_user.yaml";

#[test]
fn what_falls_of_the_shipped_lifecycle_is_told_with_how_and_why_it_is_accepted() {
    assert_snapshot!(Project::new().run("takeover"), @r"
    CONTROL OF                 GIVES                                                       ACCOUNT
    email                      root in 1 step, pending_email in 2, phone in 2              seized, accepted
    pending_email              nothing else                                                kept
    phone                      root in 1 step, email in 2, pending_email in 2              seized, accepted
    root                       pending_email in 1 step                                     kept
    ram_user/alice             pending_email in 1 step, phone in 1, root in 3, email in 4  seized if, accepted
    ram_user/full (or 2 more)  pending_email in 1 step, phone in 1, root in 3, email in 4  seized if, accepted
    ram_user/x1-admin          nothing else                                                kept
    reviewer/kim               nothing else                                                kept
    service/directory          nothing else                                                kept
    service/notices            nothing else                                                kept
    root of another account    pending_email in 1 step                                     kept

    email: enough to act as root
      of any account where deletion is none, logon_email is real, member_type is cloud, membership is invited or member or outside or removed, root_user is active or enabled
      1. root_user.retrieve_password as any visitor
           proves  old_email by email
           gains   root
           told    password_set to attacker
      accepted: identity is verified by the number or by the e-mail address, whichever is at hand

    phone: enough to act as root
      of some accounts where deletion is none, member_type is cloud, membership is invited or member or outside or removed, mobile_phone is bound, root_user is active or enabled
      1. root_user.retrieve_password as any visitor
           proves  old_phone by phone
           gains   root
           told    password_set to attacker, password_set to email
      accepted: identity is verified by the number or by the e-mail address, whichever is at hand

    ram_user/alice: enough to act as root
      of any account where deletion is none or pre_checked, member_type is resource, membership is member or prepared, mobile_phone is unbound, root_access_key is inactive or none, root_user is disabled or suspended
      provided that policies and the caller rule `management_operator` admit ram_user/alice
      1. mobile_phone.bind as ram_user/alice
           proves  number_to_bind by own address
           gains   phone
           told    phone_bound to attacker
      2. member_type.switch_to_cloud as ram_user/alice
           proves  root_risk acknowledged
           told    became_cloud to attacker
      3. root_user.retrieve_password as any visitor
           proves  old_phone by phone
           gains   root
           told    password_set to attacker
      accepted: operators of the management account bind the first number, proved by itself alone

    ram_user/full: enough to act as root
      of any account where deletion is none or pre_checked, member_type is resource, membership is member or prepared, mobile_phone is unbound, root_access_key is inactive or none, root_user is disabled or suspended
      provided that policies and the caller rule `management_operator` admit ram_user/full
      1. mobile_phone.bind as ram_user/full
           proves  number_to_bind by own address
           gains   phone
           told    phone_bound to attacker
      2. member_type.switch_to_cloud as ram_user/full
           proves  root_risk acknowledged
           told    became_cloud to attacker
      3. root_user.retrieve_password as any visitor
           proves  old_phone by phone
           gains   root
           told    password_set to attacker
      accepted: operators of the management account bind the first number, proved by itself alone

    the least that seizes an account: email; phone; ram_user/alice; ram_user/full
    an attacker may strike in any of 10328 states; others wait
    ");
}

#[test]
fn a_risk_that_nobody_accepted_fails_the_command() {
    let project = Project::new();
    project.replace(
        ACCEPTED,
        "at: root_user.retrieve_password",
        "at: root_user.change_password",
    );
    assert_snapshot!(project.run("takeover --of email"), @r"
    CONTROL OF  GIVES                                           ACCOUNT
    email       root in 1 step, pending_email in 2, phone in 2  seized

    email: enough to act as root
      of any account where deletion is none, logon_email is real, member_type is cloud, membership is invited or member or outside or removed, root_user is active or enabled
      1. root_user.retrieve_password as any visitor
           proves  old_email by email
           gains   root
           told    password_set to attacker
      not accepted: A1051 at root_user.retrieve_password

    an attacker may strike in any of 10328 states; others wait
    [exit status: 8]
    ");
}

#[test]
fn where_both_proofs_are_demanded_no_factor_is_enough() {
    let project = Project::new();
    project.replace(
        ROOT_USER,
        "caller: visitor\n    verify: [{ any: [old_phone, old_email] }]",
        "caller: visitor\n    verify: [old_phone, old_email]",
    );
    assert_snapshot!(project.run("takeover --of email"), @r"
    CONTROL OF  GIVES         ACCOUNT
    email       nothing else  kept

    an attacker may strike in any of 9992 states; others wait
    ");
    assert_snapshot!(project.run("takeover --of email,phone"), @r"
    CONTROL OF     GIVES                               ACCOUNT
    email + phone  root in 1 step, pending_email in 2  seized, accepted

    email and phone: enough to act as root
      of some accounts where deletion is none, logon_email is real, member_type is cloud, membership is invited or member or outside or removed, mobile_phone is bound, root_user is active or enabled
      1. root_user.retrieve_password as any visitor
           proves  old_phone by phone, old_email by email
           gains   root
           told    password_set to attacker, password_set to attacker
      accepted: identity is verified by the number or by the e-mail address, whichever is at hand

    an attacker may strike in any of 9992 states; others wait
    ");
}

#[test]
fn a_factor_that_there_is_not_is_named_with_the_nearest() {
    assert_snapshot!(Project::new().run("takeover --of emial"), @r"
    --- stderr ---
    error[C0008]: there is no factor `emial`
    hint: did you mean `email`?
    [exit status: 2]
    ");
}

#[test]
fn what_falls_can_be_drawn() {
    assert_snapshot!(Project::new().run("takeover --of email --format mermaid"), @r#"
    ---
    title: "What falls of a resource_account"
    ---
    stateDiagram-v2
        state "root ⚠" as root
        email --> root : ➤ root_user.retrieve_password<br/>any visitor<br/>✓ old_email
        root --> pending_email : email_change.start
        email --> phone : mobile_phone.add<br/>root<br/>✓ old_email
        classDef current fill:#2563eb,stroke:#1d4ed8,color:#fff
        class email current
        classDef privileged stroke:#d97706,stroke-width:3px
        class root privileged
    "#);
}

#[test]
fn programs_read_it_as_json() {
    assert_snapshot!(Project::new().run("takeover --of phone -o json"), @r#"
    {
      "schema": "stateward/takeover/v1",
      "lifecycle": "resource_account",
      "others": "wait",
      "states": 10328,
      "complete": true,
      "answers": [
        {
          "factors": [
            "phone"
          ],
          "falls": [
            {
              "factor": "root",
              "steps": 1,
              "certain": true
            },
            {
              "factor": "email",
              "steps": 2,
              "certain": true
            },
            {
              "factor": "pending_email",
              "steps": 2,
              "certain": false
            }
          ],
          "seizure": {
            "aim": "act as `root` of an account",
            "certain": true,
            "states": 1840,
            "only": {
              "deletion": [
                "none"
              ],
              "member_type": [
                "cloud"
              ],
              "membership": [
                "invited",
                "member",
                "outside",
                "removed"
              ],
              "mobile_phone": [
                "bound"
              ],
              "root_user": [
                "active",
                "enabled"
              ]
            },
            "exact": false,
            "steps": [
              {
                "transition": "root_user.retrieve_password",
                "by": "any visitor",
                "proofs": [
                  {
                    "verification": "old_phone",
                    "with": "phone"
                  }
                ],
                "gains": [
                  "root"
                ],
                "told": [
                  {
                    "message": "password_set",
                    "to": "attacker"
                  },
                  {
                    "message": "password_set",
                    "to": "email"
                  }
                ]
              }
            ],
            "at": "root_user.retrieve_password",
            "accepted": "identity is verified by the number or by the e-mail address, whichever is at hand"
          }
        }
      ]
    }
    "#);
}
