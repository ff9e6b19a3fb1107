//! The demonstration.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn the_demonstration_shows_every_gate_code_and_notice() {
    let project = Project::empty();
    let answer = project.run("demo").exits(0);
    assert_snapshot!(answer.stdout, @r"
    1. A resource account gets its number
       An operator of the management account binds it in the console; a code proves that it is there.

    $ stateward --as ram_user/ops-lin run 1002 mobile_phone.bind -i phone=+6591234567
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`       workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                           workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✓ 99 left of `verification_codes`                 workflows/resource_account/account.yaml:164:3
      7 verification  … waits for `number_to_bind`                      workflows/resource_account/account.yaml:108:3
      sent  a code to +65-****4567, expires in 10 min
    Waiting for `number_to_bind`, step 1 of 1; the attempt lapses in 30 min
    attempt att_yqgd98jz7zczj3az
    > sms to +6591234567: 652896 is your code for mobile_phone.bind. It is valid for 10m. Tell it to nobody.

    $ echo 000000 | stateward confirm att_yqgd98jz7zczj3az --code-file -
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`       workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                           workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  ✗ the code is wrong or no longer valid
    Denied at gate 7 of 7, verification: the code is wrong or no longer valid
      V0002 · Invalid.VerificationCode

    $ echo 652896 | stateward confirm att_yqgd98jz7zczj3az --code-file -
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`       workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                           workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 1 of 1 steps                          workflows/resource_account/mobile_phone.yaml:10:3
      ~ mobile_phone  unbound -> bound  by mobile_phone.bind
    Done: account 1002 is at revision 4
    > sms to +6591234567: payments: this number now receives its codes and notices.

    2. Its number is to be changed
       The console only binds. And whoever could change it, the root user, cannot log on.

    $ stateward --as ram_user/ops-lin run 1002 mobile_phone.bind -i phone=+6598765432
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                         workflows/resource_account/account.yaml:78:3
      4 state         ✗ `mobile_phone.bind` does not leave from `bound`  workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 4 of 7, state: `mobile_phone.bind` does not leave from `bound`
      D0005 · AccountSecureMobileAlreadyExists

    $ stateward --as root/1002 run 1002 mobile_phone.change -i phone=+6598765432
      1 throttle      ✓ within the limits
      2 policy        ✓ owns the account
      3 caller        ✗ the principal is not `root_user` of account `1002`, or there is no such account  workflows/resource_account/account.yaml:94:3
      4 state         · not reached
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 3 of 7, caller: the principal is not `root_user` of account `1002`, or there is no such account
      D0004

    3. So the account becomes a cloud account
       That lets its root user in, who may do anything: somebody has to say that they know.

    $ stateward --as ram_user/ops-lin run 1002 member_type.switch_to_cloud
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`        policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                              workflows/resource_account/account.yaml:78:3
      4 state         ✓ `member_type.switch_to_cloud` leaves from `resource`  workflows/resource_account/member_type.yaml:10:3
      5 guard         ✓ the condition holds                                   workflows/resource_account/member_type.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  … waits for `root_risk`                                 workflows/resource_account/account.yaml:145:3
      risk  The root user has full permissions while it is enabled. Switch back when done.
    Waiting for `root_risk`, step 1 of 1; the attempt lapses in 30 min
    attempt att_k4037cz6z13xwd01

    $ stateward confirm att_k4037cz6z13xwd01 --ack root_risk
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`        policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                              workflows/resource_account/account.yaml:78:3
      4 state         ✓ `member_type.switch_to_cloud` leaves from `resource`  workflows/resource_account/member_type.yaml:10:3
      5 guard         ✓ the condition holds                                   workflows/resource_account/member_type.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 1 of 1 steps                                workflows/resource_account/member_type.yaml:10:3
      ~ member_type  resource -> cloud    by member_type.switch_to_cloud
      ~ root_user    disabled -> enabled  by root_user.enable
    Done: account 1002 is at revision 6
    > sms to +6591234567: payments is now a cloud account; its root user is enabled.

    4. The root user retrieves a password
       From the logon page, by a code to the number that the account has.

    $ stateward --as visitor/ra2 run 1002 root_user.retrieve_password
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `LogonPage`                               policies/LogonPage.rhai:5:1
      3 caller        ✓ is `visitor`                                         workflows/resource_account/account.yaml:103:3
      4 state         ✓ `root_user.retrieve_password` leaves from `enabled`  workflows/resource_account/root_user.yaml:20:3
      5 guard         ✓ no conditions                                        workflows/resource_account/root_user.yaml:20:3
      6 quota         ✓ 9 left of `codes_per_address`                        workflows/resource_account/account.yaml:176:3
      7 verification  … waits for `old_phone`                                workflows/resource_account/account.yaml:117:3
      sent  a code to +65-****4567, expires in 10 min
    Waiting for `old_phone`, step 1 of 1; the attempt lapses in 30 min
    attempt att_5k3dr5wrk24my6wp
    > sms to +6591234567: 261242 is your code for root_user.retrieve_password. It is valid for 10m. Tell it to nobody.

    $ echo 261242 | stateward confirm att_5k3dr5wrk24my6wp --code-file -
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `LogonPage`                               policies/LogonPage.rhai:5:1
      3 caller        ✓ is `visitor`                                         workflows/resource_account/account.yaml:103:3
      4 state         ✓ `root_user.retrieve_password` leaves from `enabled`  workflows/resource_account/root_user.yaml:20:3
      5 guard         ✓ no conditions                                        workflows/resource_account/root_user.yaml:20:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 1 of 1 steps                               workflows/resource_account/root_user.yaml:20:3
      ~ root_user  enabled -> active  by root_user.retrieve_password
    Done: account 1002 is at revision 8
    > sms to +6591234567: payments: the password of its root user was set.

    5. The root user changes the number
       First the old number says who asks, then the new one that it is theirs.

    $ stateward --as root/1002 run 1002 mobile_phone.change -i phone=+6598765432
      1 throttle      ✓ within the limits
      2 policy        ✓ owns the account
      3 caller        ✓ is `root_user`                             workflows/resource_account/account.yaml:94:3
      4 state         ✓ `mobile_phone.change` leaves from `bound`  workflows/resource_account/mobile_phone.yaml:49:3
      5 guard         ✓ the condition holds                        workflows/resource_account/mobile_phone.yaml:49:3
      6 quota         ✓ 8 left of `codes_per_address`              workflows/resource_account/account.yaml:176:3
      7 verification  … waits for `old_phone`                      workflows/resource_account/account.yaml:117:3
      sent  a code to +65-****4567, expires in 10 min
    Waiting for `old_phone`, step 1 of 2; the attempt lapses in 30 min
    attempt att_hsres3c30xpxvyq9
    > sms to +6591234567: 891737 is your code for mobile_phone.change. It is valid for 10m. Tell it to nobody.

    $ echo 891737 | stateward confirm att_hsres3c30xpxvyq9 --code-file -
      1 throttle      ✓ within the limits
      2 policy        ✓ owns the account
      3 caller        ✓ is `root_user`                             workflows/resource_account/account.yaml:94:3
      4 state         ✓ `mobile_phone.change` leaves from `bound`  workflows/resource_account/mobile_phone.yaml:49:3
      5 guard         ✓ the condition holds                        workflows/resource_account/mobile_phone.yaml:49:3
      6 quota         ✓ 9 left of `codes_per_address`              workflows/resource_account/account.yaml:176:3
      7 verification  … waits for `new_phone`                      workflows/resource_account/account.yaml:129:3
      sent  a code to +65-****5432, expires in 10 min
    Waiting for `new_phone`, step 2 of 2; the attempt lapses in 30 min
    attempt att_hsres3c30xpxvyq9
    > sms to +6598765432: 270402 is your code for mobile_phone.change. It is valid for 10m. Tell it to nobody.

    $ echo 270402 | stateward confirm att_hsres3c30xpxvyq9 --code-file -
      1 throttle      ✓ within the limits
      2 policy        ✓ owns the account
      3 caller        ✓ is `root_user`                             workflows/resource_account/account.yaml:94:3
      4 state         ✓ `mobile_phone.change` leaves from `bound`  workflows/resource_account/mobile_phone.yaml:49:3
      5 guard         ✓ the condition holds                        workflows/resource_account/mobile_phone.yaml:49:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 2 of 2 steps                     workflows/resource_account/mobile_phone.yaml:49:3
      ~ mobile_phone  stays bound  by mobile_phone.change
    Done: account 1002 is at revision 11
    > sms to +6598765432: payments: this number now receives its codes and notices.
    > sms to +6591234567: payments: this number no longer receives its notices.

    6. And the account becomes a resource account again
       As was owed since the switch. Its root user can no longer log on.

    $ stateward --as ram_user/ops-lin run 1002 member_type.switch_to_resource
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`        policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                              workflows/resource_account/account.yaml:78:3
      4 state         ✓ `member_type.switch_to_resource` leaves from `cloud`  workflows/resource_account/member_type.yaml:30:3
      5 guard         ✓ all 5 conditions hold                                 workflows/resource_account/member_type.yaml:30:3
      6 quota         ✓ nothing to spend
      7 verification  … waits for `disable_risk`                              workflows/resource_account/account.yaml:147:3
      risk  The root user is disabled at once and can no longer log on.
    Waiting for `disable_risk`, step 1 of 2; the attempt lapses in 30 min
    attempt att_vfqjwwww23m096am

    $ stateward confirm att_vfqjwwww23m096am --ack disable_risk
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`        policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                              workflows/resource_account/account.yaml:78:3
      4 state         ✓ `member_type.switch_to_resource` leaves from `cloud`  workflows/resource_account/member_type.yaml:30:3
      5 guard         ✓ all 5 conditions hold                                 workflows/resource_account/member_type.yaml:30:3
      6 quota         ✓ 8 left of `codes_per_address`                         workflows/resource_account/account.yaml:176:3
      7 verification  … waits for `old_phone`                                 workflows/resource_account/account.yaml:117:3
      sent  a code to +65-****5432, expires in 10 min
    Waiting for `old_phone`, step 2 of 2; the attempt lapses in 30 min
    attempt att_vfqjwwww23m096am
    > sms to +6598765432: 594848 is your code for member_type.switch_to_resource. It is valid for 10m. Tell it to nobody.

    $ echo 594848 | stateward confirm att_vfqjwwww23m096am --code-file -
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`        policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                              workflows/resource_account/account.yaml:78:3
      4 state         ✓ `member_type.switch_to_resource` leaves from `cloud`  workflows/resource_account/member_type.yaml:30:3
      5 guard         ✓ all 5 conditions hold                                 workflows/resource_account/member_type.yaml:30:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 2 of 2 steps                                workflows/resource_account/member_type.yaml:30:3
      ~ member_type  cloud -> resource    by member_type.switch_to_resource
      ~ root_user    active -> suspended  by root_user.suspend
    Done: account 1002 is at revision 14
    > sms to +6598765432: payments is now a resource account; its root user is disabled.

    The account in the end
    1002   revision 14   created 2026-11-22T08:30:00Z
    states
      deletion               none        since 2026-11-22T08:30:00Z
      directory              none        since 2026-11-22T08:30:00Z
      email_change           none        since 2026-11-22T08:30:00Z
      identity_verification  unverified  since 2026-11-22T08:30:00Z
      logon_email            virtual     since 2026-11-22T08:30:00Z
      member_type            resource    since 2026-11-22T08:34:40Z
      membership             member      since 2026-11-22T08:30:00Z
      mobile_phone           bound       since 2026-11-22T08:33:40Z
      notices                ready       since 2026-11-22T08:30:00Z
      profile                shown       since 2026-11-22T08:30:00Z
      root_access_key        none        since 2026-11-22T08:30:00Z
      root_user              suspended   since 2026-11-22T08:34:40Z
    attributes
      avatar_colour         blue
      country               SG
      display_name          payments
      email                 1002@rd-3g.virtual.example
      join_method           created
      legal_entity          Example Ltd
      manager               1000
      manager_legal_entity  Example Ltd
      member_deletion       disabled
      path                  rd-3G/r-Wm/fd-A/1002
      phone                 +6598765432
      site                  intl
    ");
    let again = project.run("demo").exits(0);
    assert_eq!(answer.stdout, again.stdout);
    assert_eq!(
        std::fs::read_dir(project.path()).unwrap().count(),
        0,
        "it leaves nothing behind"
    );
}

#[test]
fn the_demonstration_is_data_too() {
    let document = Project::empty().run("demo -o json").exits(0).json();
    assert_eq!(document["schema"], "stateward/demo/v1");
    let acts = document["parts"].as_array().unwrap().iter();
    let acts: Vec<_> = acts
        .flat_map(|part| part["acts"].as_array().unwrap())
        .collect();
    let decided = |word: &str| {
        acts.iter()
            .filter(|act| act["decision"]["decision"] == word)
            .count()
    };
    assert_eq!(
        (decided("applied"), decided("pending"), decided("denied")),
        (5, 7, 3)
    );
    assert_eq!(
        document["account"]["states"]["member_type"]["state"],
        "resource"
    );
}
