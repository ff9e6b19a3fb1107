//! What is recorded: accounts of the shipped lifecycle live through everything that writes a row of
//! its own kind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use stateward::account::{Answer, Outcome};
use stateward::courier::SecretText;
use stateward::engine::{Cancel, Confirm, Create, Presented, Resend, Run};
use stateward::name::{AttemptId, IdempotencyKey};
use stateward::policy::Principal;

use super::recording::{Recorder, Recording};
use super::service::{Asked, SHIPPED};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

const SHARED_NUMBER: &str = "+6591234567";
const OTHER_NUMBER: &str = "+6581234568";

/// The run, recorded once.
pub static RECORDED: LazyLock<Recording> = LazyLock::new(|| {
    let mut life = Life(Recorder::begin());
    for account in ["1001", "1002", "1003", "1004"] {
        life.create(account);
    }
    life.bind_with_a_wrong_code("1001");
    life.bind_with_another_code("1002");
    life.0.checkpoint();
    life.give_up("1003");
    life.let_lapse("1004");
    life.enter_and_leave("1001");
    life.0.checkpoint();
    life.forget_to_leave("1002");
    life.rename_again_and_again("1003");
    life.0.finish()
});

/// A run in which a log that holds little more than the definition is written over again and again.
pub static LAPS: LazyLock<Recording> = LazyLock::new(|| {
    let mut life = Life(Recorder::begin_with_log(172 << 10));
    for account in 2001..2051 {
        life.create_at(&account.to_string(), &"/deeper".repeat(120));
    }
    life.0.finish()
});

struct Life(Recorder);

impl Life {
    fn key(&self) -> Option<IdempotencyKey> {
        let key = format!("deed-{}", self.0.count());
        Some(key.parse().unwrap())
    }

    fn ask(&mut self, asked: Asked) -> Answer {
        self.0.ask(asked).unwrap()
    }

    #[track_caller]
    fn applied(answer: &Answer) {
        let applied = matches!(answer.outcome, Outcome::Applied { .. });
        assert!(applied, "{answer:?}");
    }

    fn create(&mut self, account: &str) {
        self.create_at(account, "");
    }

    fn create_at(&mut self, account: &str, place: &str) {
        let path = format!("rd-3G/r-Wm/fd-A{place}/{account}");
        let email = format!("{account}@rd-3g.virtual.example");
        let attributes = [
            ("display_name", "payments"),
            ("country", "SG"),
            ("path", &path),
            ("manager", "1000"),
            ("email", &email),
        ];
        let mut create = Create::new(account.parse().unwrap(), texts(&attributes));
        create.key = self.key();
        Self::applied(&self.ask(Asked::Create(create)));
    }

    fn run(&mut self, who: Principal, account: &str, what: &str, inputs: &[Text<'_>]) -> Answer {
        let mut run = Run::new(who, account.parse().unwrap(), what.parse().unwrap());
        run.inputs = texts(inputs);
        run.acknowledged = match what {
            "member_type.switch_to_cloud" => risks("root_risk"),
            "member_type.switch_to_resource" => risks("disable_risk"),
            _ => BTreeSet::new(),
        };
        run.key = self.key();
        self.ask(Asked::Run(run))
    }

    /// Presents the code that was sent last to an address, or another one.
    fn prove(&mut self, who: Principal, asked: &Answer, address: &str, right: bool) -> Answer {
        self.0.ask(Asked::Pump);
        let sent = self.0.newest_to(address);
        let digits = |c: &char| c.is_ascii_digit();
        let code: String = sent.text.reveal().chars().filter(digits).take(6).collect();
        let other = if code.starts_with('9') { "0" } else { "9" };
        let code = if right {
            code
        } else {
            format!("{other}{}", &code[1..])
        };
        let confirm = Confirm {
            attempt: attempt(asked),
            by: Some(who),
            proof: Presented::Code(SecretText::new(code)),
            key: self.key(),
        };
        self.ask(Asked::Confirm(confirm))
    }

    fn bind_with_a_wrong_code(&mut self, account: &str) {
        let inputs = [("phone", SHARED_NUMBER)];
        let asked = self.run(operator(), account, "mobile_phone.bind", &inputs);
        let wrong = self.prove(operator(), &asked, SHARED_NUMBER, false);
        assert!(matches!(wrong.outcome, Outcome::Denied(_)), "{wrong:?}");
        let right = self.prove(operator(), &asked, SHARED_NUMBER, true);
        Self::applied(&right);
        self.0.ask(Asked::Pump);
    }

    fn bind_with_another_code(&mut self, account: &str) {
        let inputs = [("phone", SHARED_NUMBER)];
        let asked = self.run(operator(), account, "mobile_phone.bind", &inputs);
        self.0.pass(MINUTE);
        let resend = Resend {
            attempt: attempt(&asked),
            by: Some(operator()),
            prefer: None,
            key: self.key(),
        };
        let again = self.ask(Asked::Resend(resend));
        Self::applied(&self.prove(operator(), &again, SHARED_NUMBER, true));
    }

    fn give_up(&mut self, account: &str) {
        let inputs = [("phone", OTHER_NUMBER)];
        let asked = self.run(operator(), account, "mobile_phone.bind", &inputs);
        let cancel = Cancel {
            attempt: attempt(&asked),
            by: Some(operator()),
            key: self.key(),
        };
        Self::applied(&self.ask(Asked::Cancel(cancel)));
    }

    fn let_lapse(&mut self, account: &str) {
        let inputs = [("phone", OTHER_NUMBER)];
        self.run(operator(), account, "mobile_phone.bind", &inputs);
        self.0.pass(MINUTE * 31);
        self.0.ask(Asked::Tick);
        self.0.ask(Asked::Pump);
    }

    /// A switch to cloud, everything that its root user comes for, and the switch back.
    fn enter_and_leave(&mut self, account: &str) {
        let switched = self.run(operator(), account, "member_type.switch_to_cloud", &[]);
        Self::applied(&switched);
        let visitor = visitor(account);
        let asked = self.run(visitor.clone(), account, "root_user.retrieve_password", &[]);
        Self::applied(&self.prove(visitor, &asked, SHARED_NUMBER, true));
        let inputs = [("phone", OTHER_NUMBER)];
        let asked = self.run(root(account), account, "mobile_phone.change", &inputs);
        let asked = self.prove(root(account), &asked, SHARED_NUMBER, true);
        Self::applied(&self.prove(root(account), &asked, OTHER_NUMBER, true));
        let asked = self.run(operator(), account, "member_type.switch_to_resource", &[]);
        Self::applied(&self.prove(operator(), &asked, OTHER_NUMBER, true));
        self.0.ask(Asked::Pump);
    }

    fn forget_to_leave(&mut self, account: &str) {
        let switched = self.run(operator(), account, "member_type.switch_to_cloud", &[]);
        Self::applied(&switched);
        self.0.pass(HOUR * 25);
        self.0.ask(Asked::Tick);
        self.0.ask(Asked::Pump);
    }

    fn rename_again_and_again(&mut self, account: &str) {
        for name in ["payments-a", "payments-b", "payments-c"] {
            let inputs = [("display_name", name)];
            Self::applied(&self.run(operator(), account, "profile.rename", &inputs));
        }
    }
}

fn attempt(asked: &Answer) -> AttemptId {
    let Outcome::Pending { attempt, .. } = &asked.outcome else {
        panic!("no attempt: {asked:?}");
    };
    attempt.clone()
}

fn operator() -> Principal {
    SHIPPED.principals.resolve("ram_user/ops-lin").unwrap()
}

fn root(account: &str) -> Principal {
    let name = format!("root/{account}").parse().unwrap();
    Principal::new(name, account.parse().unwrap())
}

fn visitor(account: &str) -> Principal {
    let name = format!("visitor/{account}").parse().unwrap();
    let mut visitor = Principal::new(name, account.parse().unwrap());
    visitor.policies = vec![Arc::from("LogonPage")];
    visitor
}

type Text<'t> = (&'t str, &'t str);

fn texts(pairs: &[Text<'_>]) -> BTreeMap<String, String> {
    let owned = |(name, text): &Text<'_>| ((*name).to_owned(), (*text).to_owned());
    pairs.iter().map(owned).collect()
}

fn risks(name: &str) -> BTreeSet<stateward::name::Name> {
    BTreeSet::from([name.parse().unwrap()])
}
