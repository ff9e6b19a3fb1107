//! The `Principal` of a statement, as tests on who asks.

use jsonc_parser::ast::{Object, ObjectProp, Value};

use super::compare::Test;
use super::grammar::{Reader, Text};
use super::json::span_of;
use super::write::quoted;
use super::{Dialect, Kind, codes};
use crate::diagnostic::Diagnostic;
use crate::name::{AccountId, Name};
use crate::policy::principal::PrincipalName;

/// Somebody that a statement is about.
enum Who {
    Anybody,
    Account(AccountId),
    Named(AccountId, PrincipalName),
    Service(PrincipalName),
}

impl Reader<'_> {
    /// The tests on who asks; none for everybody.
    pub(super) fn principals(&mut self, object: &Object<'_>) -> Option<Vec<Test>> {
        if let Some(property) = object.get("NotPrincipal") {
            self.inexpressible(property, "name the principals that the statement is about");
            return None;
        }
        match (object.get("Principal"), self.options.kind) {
            (None, Kind::Trust) => {
                self.missing(object, "statement", "Principal");
                None
            }
            (None, _) => Some(Vec::new()),
            (Some(property), Kind::Trust) => {
                let all = self.listed(property, object)?;
                Some(tests(&all))
            }
            (Some(property), kind) => {
                let help = "`--kind trust` imports policies that name principals";
                let span = span_of(self.file, &property.name);
                let says = format!("an {kind} policy names no principals");
                let says = says.replace("an control", "a control");
                self.report(Diagnostic::error(codes::INEXPRESSIBLE, span, says).help(help));
                None
            }
        }
    }

    fn listed(&mut self, property: &ObjectProp<'_>, of: &Object<'_>) -> Option<Vec<Who>> {
        if let Value::StringLit(text) = &property.value
            && text.value == "*"
        {
            return Some(vec![Who::Anybody]);
        }
        let entries = self.entries(&property.value, "`Principal`")?;
        if entries.is_empty() {
            let says = "`Principal` names nobody";
            let span = span_of(self.file, &property.value);
            self.error(codes::WRONG_FORM, span, says);
            return None;
        }
        let own = match self.dialect {
            Dialect::Ram => "RAM",
            Dialect::Aws => "AWS",
        };
        let delegates = self.dialect == Dialect::Aws && allows_more_than_roles(of);
        let mut all = Vec::new();
        let mut complete = true;
        for entry in entries {
            match entry.name.as_str() {
                kind if kind == own || kind == "Service" => {
                    let Some(texts) = self.texts(entry) else {
                        complete = false;
                        continue;
                    };
                    for text in &texts {
                        let who = match kind {
                            "Service" => self.named("service", &text.text).map(Who::Service),
                            _ => self.who(&text.text),
                        };
                        complete &= who.is_ok();
                        match who {
                            Ok(Who::Account(_)) if delegates => {
                                self.delegates(text);
                                complete = false;
                            }
                            Ok(who) => all.push(who),
                            Err(says) => self.bad_principal(text, says),
                        }
                    }
                }
                "Federated" => {
                    let help = "identity providers are not principals here";
                    self.inexpressible(entry, help);
                    complete = false;
                }
                other => {
                    let span = span_of(self.file, &entry.name);
                    let says = format!("`Principal` has no element `{other}`");
                    let help = format!("it has `{own}`, `Service` and `Federated`");
                    let finding = Diagnostic::error(codes::UNKNOWN_ELEMENT, span, says);
                    self.report(finding.help(help));
                    complete = false;
                }
            }
        }
        complete.then_some(all)
    }

    /// To AWS an account stands for those whom its own policies allow what the statement does; here
    /// that holds of assuming a role alone, and anything else would be allowed to all of the account.
    fn delegates(&mut self, text: &Text<'_>) {
        let says = format!("`{}` would be granted more than by AWS", text.text);
        let finding = Diagnostic::error(codes::INEXPRESSIBLE, text.span, says);
        let finding = finding.label("an account, for other actions than `sts:AssumeRole`");
        self.report(finding.help("name its users and roles, or allow `sts:AssumeRole` apart"));
    }

    fn bad_principal(&mut self, text: &Text<'_>, says: String) {
        let finding = Diagnostic::error(codes::BAD_PRINCIPAL, text.span, says);
        let help = match self.dialect {
            Dialect::Ram => "write `acs:ram::<account>:root`, `…:user/<name>` or `…:role/<name>`",
            Dialect::Aws => {
                "write `arn:aws:iam::<account>:root`, `…:user/<name>` or `…:role/<name>`"
            }
        };
        self.report(finding.help(help));
    }

    /// An account, user or role.
    fn who(&self, text: &str) -> Result<Who, String> {
        if text == "*" {
            return Ok(Who::Anybody);
        }
        let account = |id: &str| {
            let says = |_| format!("`{id}` is no account id");
            id.parse::<AccountId>().map_err(says)
        };
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if self.dialect == Dialect::Aws && digits {
            return account(text).map(Who::Account);
        }
        let fields: Vec<&str> = text.split(':').collect();
        let (id, relative) = match (self.dialect, fields.as_slice()) {
            (Dialect::Ram, ["acs", "ram", "" | "*", id, relative]) => (id, relative),
            (Dialect::Aws, ["arn", "aws", "iam", "", id, relative]) => (id, relative),
            _ => return Err("this is no account, user or role".to_owned()),
        };
        let account = account(id)?;
        let (user, role) = match self.dialect {
            Dialect::Ram => ("ram_user", "ram_role"),
            Dialect::Aws => ("iam_user", "iam_role"),
        };
        match relative.split_once('/') {
            None if *relative == "root" => Ok(Who::Account(account)),
            Some(("user", name)) => Ok(Who::Named(account, self.named(user, name)?)),
            Some(("role", name)) => Ok(Who::Named(account, self.named(role, name)?)),
            _ => Err("this is no account, user or role".to_owned()),
        }
    }

    /// The principal of a kind and a name.
    fn named(&self, kind: &str, own: &str) -> Result<PrincipalName, String> {
        if !(self.options.has_kind)(kind) {
            return Err(format!("the lifecycle has no kind of principal `{kind}`"));
        }
        let kind: Name = kind.parse().map_err(|_| format!("`{kind}` is no kind"))?;
        PrincipalName::new(&kind, own)
            .map_err(|_| format!("`{own}` is no name of a principal here"))
    }
}

/// Whether a statement allows anything but to assume a role.
fn allows_more_than_roles(statement: &Object<'_>) -> bool {
    let is = |value: &Value<'_>, wanted: &str| match value {
        Value::StringLit(text) => text.value.eq_ignore_ascii_case(wanted),
        _ => false,
    };
    let of = |name: &str| statement.get(name).map(|property| &property.value);
    let only_roles = match of("Action") {
        Some(Value::Array(actions)) => {
            let mut actions = actions.elements.iter();
            actions.all(|action| is(action, "sts:AssumeRole"))
        }
        Some(action) => is(action, "sts:AssumeRole"),
        None => false,
    };
    !only_roles && !of("Effect").is_some_and(|effect| is(effect, "Deny"))
}

/// Any of these: the accounts together, then everybody by name.
fn tests(all: &[Who]) -> Vec<Test> {
    if all.iter().any(|who| matches!(who, Who::Anybody)) {
        return Vec::new();
    }
    let accounts: Vec<String> = all
        .iter()
        .filter_map(|who| match who {
            Who::Account(id) => Some(quoted(id.as_str())),
            _ => None,
        })
        .collect();
    let mut texts = match accounts.as_slice() {
        [] => Vec::new(),
        [single] => vec![format!("principal.account == {single}")],
        many => vec![format!("principal.account in [{}]", many.join(", "))],
    };
    let alone = all.len() == 1;
    texts.extend(all.iter().filter_map(|who| match who {
        Who::Named(account, name) => {
            let account = quoted(account.as_str());
            let name = quoted(name.as_str());
            let both = format!("principal.account == {account} && principal.name == {name}");
            Some(if alone { both } else { format!("({both})") })
        }
        Who::Service(name) => Some(format!("principal.name == {}", quoted(name.as_str()))),
        Who::Anybody | Who::Account(_) => None,
    }));
    vec![Test::any(&texts)]
}
