//! The scenario: accounts in folders, whose operators may do some things under some conditions.
//!
//! Fifty statements speak of one folder. A larger set has more folders, each with fifty statements
//! of its own, so that what grows is what a decision has to find its way through and not what it
//! has to weigh; every engine is given the same, and those that look at every statement pay for it.

/// What may be done.
pub const ACTIONS: [&str; 12] = [
    "directory:GetAccount",
    "directory:ListAccounts",
    "directory:UpdateAccount",
    "directory:MoveAccount",
    "directory:RenameAccount",
    "directory:BindPhone",
    "directory:ChangePhone",
    "directory:SwitchType",
    "directory:DeleteAccount",
    "directory:InviteAccount",
    "directory:AttachPolicy",
    "directory:DetachPolicy",
];

/// Statements that speak of one folder.
pub const STATEMENTS: usize = 50;

/// One condition on one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// The principal is of this kind.
    Kind(&'static str),
    /// The principal is in this group.
    Group(&'static str),
    /// The principal belongs to the account that manages the resource.
    OfManager,
    /// The account is registered in one of these countries.
    Country(&'static [&'static str]),
    /// The account is of this type.
    MemberType(&'static str),
    /// The principal signed in with a second factor; false where nothing is known of that.
    Mfa,
    /// From the first hour to before the last.
    Hours(i64, i64),
    /// The session's risk is known and below this.
    RiskBelow(i64),
    /// The request comes from this site.
    Site(&'static str),
}

/// An `allow` or a `deny`.
#[derive(Debug, Clone)]
pub struct Statement {
    pub allow: bool,
    /// One action, or all.
    pub action: Option<&'static str>,
    /// The folder of the accounts that it speaks of.
    pub folder: usize,
    /// All of these must hold.
    pub tests: Vec<Test>,
}

/// Somebody who asks.
#[derive(Debug, Clone)]
pub struct Principal {
    pub name: &'static str,
    pub kind: &'static str,
    pub account: &'static str,
    pub groups: &'static [&'static str],
}

/// What is asked about.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: String,
    pub folder: usize,
    pub manager: &'static str,
    pub country: &'static str,
    pub member_type: &'static str,
}

impl Account {
    /// Its full name.
    pub fn resource(&self) -> String {
        format!(
            "acs:directory:*:1000:account/{}/{}",
            folder(self.folder),
            self.id
        )
    }
}

/// One question.
#[derive(Debug, Clone)]
pub struct Request {
    pub principal: Principal,
    pub account: Account,
    pub action: &'static str,
    pub hour: i64,
    pub mfa: Option<bool>,
    pub risk: Option<i64>,
    pub site: &'static str,
}

/// A folder's name. All are of one length, so that no beginning of one is another.
pub fn folder(number: usize) -> String {
    format!("rd-3G/fd-{number:04}")
}

/// Everybody who asks.
pub fn principals() -> [Principal; 4] {
    let of = |name, kind, account, groups| Principal {
        name,
        kind,
        account,
        groups,
    };
    [
        of("ops", "ram_user", "1000", &["operators", "staff"]),
        of("audit", "ram_user", "1000", &["auditors", "staff"]),
        of("deploy", "ram_role", "1000", &["automation"]),
        of("guest", "sso_session", "2000", &[]),
    ]
}

/// The accounts of a folder.
pub fn accounts(folder: usize) -> [Account; 3] {
    let of = |place: usize, manager, country, member_type| Account {
        id: format!("{}", 100_000 + 10 * folder + place),
        folder,
        manager,
        country,
        member_type,
    };
    [
        of(0, "1000", "SG", "resource"),
        of(1, "1000", "DE", "cloud"),
        of(2, "3000", "CN", "resource"),
    ]
}

/// A condition of one term to five, by a number.
fn tests(number: usize) -> Vec<Test> {
    use Test::*;
    let all: [&[Test]; 10] = [
        &[Kind("ram_user"), Group("operators"), OfManager],
        &[Group("staff")],
        &[
            OfManager,
            Mfa,
            Hours(8, 18),
            RiskBelow(50),
            Country(&["SG", "DE"]),
        ],
        &[Kind("ram_role"), Site("intl"), MemberType("resource")],
        &[Mfa, RiskBelow(30)],
        &[Group("auditors"), Hours(0, 24)],
        &[MemberType("cloud"), OfManager, Mfa, Site("intl")],
        &[
            Country(&["SG", "JP", "AU"]),
            Hours(6, 22),
            Group("operators"),
        ],
        &[
            Kind("ram_user"),
            OfManager,
            RiskBelow(70),
            Site("intl"),
            Hours(7, 20),
        ],
        &[OfManager],
    ];
    all[number % all.len()].to_vec()
}

/// A condition under which something is denied.
fn guards(number: usize) -> Vec<Test> {
    use Test::*;
    let all: [&[Test]; 5] = [
        &[Kind("sso_session"), Hours(0, 6)],
        &[Country(&["CN"]), Site("intl")],
        &[Hours(22, 24), Group("automation")],
        &[MemberType("cloud"), Hours(0, 8), Kind("ram_role")],
        &[Group("auditors"), Hours(20, 24)],
    ];
    all[number % all.len()].to_vec()
}

/// The statements: fifty for each folder, of which every fifth denies and every tenth is about all
/// actions.
pub fn statements(count: usize) -> Vec<Statement> {
    let statement = |number: usize| {
        let (folder, number) = (number / STATEMENTS, number % STATEMENTS);
        let allow = number % 5 != 4;
        let action = (number % 10 != 9).then(|| ACTIONS[number * 7 % ACTIONS.len()]);
        let tests = if allow {
            tests(number / 5 + number)
        } else {
            guards(number / 5)
        };
        Statement {
            allow,
            action,
            folder,
            tests,
        }
    };
    (0..count).map(statement).collect()
}

/// Forty requests, about folders all over the set.
pub fn requests(count: usize) -> Vec<Request> {
    let folders = count.div_ceil(STATEMENTS);
    let request = |number: usize| {
        let accounts = accounts(number * 37 % folders);
        let account = accounts[number * 5 / 4 % accounts.len()].clone();
        Request {
            principal: principals()[number % 4].clone(),
            account,
            action: ACTIONS[number * 5 % ACTIONS.len()],
            hour: (number as i64 * 7 + 9) % 24,
            mfa: [Some(true), Some(true), None, Some(false), Some(true)][number % 5],
            risk: [Some(10), Some(40), Some(60), None, Some(20), Some(90)][number % 6],
            site: if number % 7 == 3 { "china" } else { "intl" },
        }
    };
    (0..40).map(request).collect()
}

impl Statement {
    fn applies(&self, request: &Request) -> bool {
        self.action.is_none_or(|action| action == request.action)
            && self.folder == request.account.folder
            && self.tests.iter().all(|test| test.holds(request))
    }
}

impl Test {
    fn holds(self, request: &Request) -> bool {
        let (principal, account) = (&request.principal, &request.account);
        match self {
            Self::Kind(kind) => principal.kind == kind,
            Self::Group(group) => principal.groups.contains(&group),
            Self::OfManager => principal.account == account.manager,
            Self::Country(countries) => countries.contains(&account.country),
            Self::MemberType(member_type) => account.member_type == member_type,
            Self::Mfa => request.mfa == Some(true),
            Self::Hours(from, to) => (from..to).contains(&request.hour),
            Self::RiskBelow(most) => request.risk.is_some_and(|risk| risk < most),
            Self::Site(site) => request.site == site,
        }
    }
}

impl Request {
    /// Whether it is allowed: a deny wins, and what nothing allows is denied.
    pub fn expected(&self, statements: &[Statement]) -> bool {
        let applies = |allow: bool| {
            let of_kind = statements
                .iter()
                .filter(|statement| statement.allow == allow);
            of_kind.into_iter().any(|statement| statement.applies(self))
        };
        applies(true) && !applies(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_of_every_kind_come_about_and_do_not_depend_on_the_size() {
        let small = statements(STATEMENTS);
        let decided = |count: usize, statements: &[Statement]| -> Vec<bool> {
            let requests = requests(count);
            requests
                .iter()
                .map(|request| request.expected(statements))
                .collect()
        };
        let decisions = decided(STATEMENTS, &small);
        let allowed = decisions.iter().filter(|allowed| **allowed).count();
        let denied = |request: &&Request| {
            let denies = small.iter().filter(|statement| !statement.allow);
            denies
                .into_iter()
                .any(|statement| statement.applies(request))
        };
        let explicit = requests(STATEMENTS).iter().filter(denied).count();
        assert!(allowed >= 10, "{allowed}");
        assert!(explicit >= 5, "{explicit}");
        assert!(40 - allowed - explicit >= 10, "{allowed} + {explicit}");
        for count in [500, 5_000] {
            assert_eq!(decided(count, &statements(count)), decisions);
        }
    }
}
