//! Random well-typed conditions, as text.

use proptest::prelude::*;

use super::any_int;

/// A random well-typed condition, as text.
pub fn any_condition() -> impl Strategy<Value = String> {
    let mut forms = Forms::leaves();
    for _ in 0..DEPTH {
        forms = forms.above();
    }
    forms.condition
}

/// How deep random expressions nest.
const DEPTH: usize = 4;

type Text = BoxedStrategy<String>;

/// Random texts of each type, up to one depth. Clones share, so that a depth is built once.
struct Forms {
    condition: Text,
    int: Text,
    text: Text,
    duration: Text,
    time: Text,
    ip: Text,
    network: Text,
}

/// Fills the `{}` of a form with random parts.
fn form<const N: usize>(form: &'static str, parts: [&Text; N]) -> Text {
    let parts: Vec<Text> = parts.into_iter().cloned().collect();
    let fill = move |parts: Vec<String>| {
        let mut parts = parts.into_iter();
        let mut text = String::new();
        for piece in form.split_inclusive("{}") {
            text.push_str(piece.trim_end_matches("{}"));
            if piece.ends_with("{}") {
                text.push_str(&parts.next().unwrap_or_default());
            }
        }
        text
    };
    parts.prop_map(fill).boxed()
}

fn one_of(texts: &'static [&'static str]) -> Text {
    proptest::sample::select(texts)
        .prop_map(str::to_owned)
        .boxed()
}

impl Forms {
    fn leaves() -> Self {
        let number = any_int().prop_map(|number| match number {
            negative @ ..0 => format!("({negative})"),
            number => number.to_string(),
        });
        Self {
            condition: one_of(CONDITIONS),
            int: prop_oneof![number, one_of(INTS)].boxed(),
            text: one_of(TEXTS),
            duration: one_of(&["minutes(5)", "days(1)", "(account.quiet ?? hours(2))"]),
            time: one_of(TIMES),
            ip: one_of(IPS),
            network: one_of(NETWORKS),
        }
    }

    /// One level more.
    fn above(&self) -> Self {
        Self {
            condition: self.conditions_above(),
            int: self.ints_above(),
            text: self.texts_above(),
            duration: self.durations_above(),
            time: self.times_above(),
            ip: self.ips_above(),
            network: self.network.clone(),
        }
    }

    fn conditions_above(&self) -> Text {
        let (c, i, t) = (&self.condition, &self.int, &self.text);
        let compare = &one_of(&["==", "!=", "<", "<=", ">", ">="]);
        let equal = &one_of(&["==", "!="]);
        let relation = &one_of(&["starts_with", "ends_with", "contains"]);
        let related = &one_of(&["like", "like_any_case", "same_text"]);
        let (ip, net) = (&self.ip, &self.network);
        let (time, duration) = (&self.time, &self.duration);
        prop_oneof![
            2 => c.clone(),
            2 => form("({} && {})", [c, c]),
            2 => form("({} || {})", [c, c]),
            1 => form("!({})", [c]),
            1 => form("(if {} { {} } else { {} })", [c, c, c]),
            2 => form("({} {} {})", [i, compare, i]),
            1 => form("({} {} {})", [time, compare, time]),
            1 => form("({} {} {})", [duration, compare, duration]),
            1 => form("({} {} {})", [t, equal, t]),
            1 => form("{}({}, {})", [relation, t, t]),
            1 => form("{}({}, {})", [related, t, t]),
            1 => form("{}({}, [{}, {}])", [related, t, t, t]),
            1 => form("({} {} {})", [ip, equal, ip]),
            1 => form("({} in [{}, \"192.0.2.1\"])", [ip, ip]),
            1 => form("ip_in({}, {})", [ip, net]),
            1 => form("!ip_in({}, [{}, {}])", [ip, net, net]),
            1 => form("({} in [{}, {}])", [time, time, time]),
            1 => form("({} in [{}, hours(2)])", [duration, duration]),
            1 => form("({} in [{}, {}, account.name])", [t, t, t]),
            1 => form("({} in [1, {}])", [i, i]),
            1 => form("({} in principal.groups)", [t]),
            1 => form("night({})", [i]),
            1 => form("same({}, {})", [i, i]),
            1 => form("first({}, {})", [c, i]),
            1 => form("pick({}, {}, {})", [c, c, c]),
            1 => form("grade({}) == {}", [i, t]),
        ]
        .boxed()
    }

    fn ints_above(&self) -> Text {
        let (c, i) = (&self.condition, &self.int);
        let operator = &one_of(&["+", "-", "*", "/", "%"]);
        prop_oneof![
            3 => i.clone(),
            2 => form("({} {} {})", [i, operator, i]),
            1 => form("(-{})", [i]),
            1 => form("len({})", [&self.text]),
            1 => form("(if {} { {} } else { {} })", [c, i, i]),
            1 => form("pick({}, {}, {})", [c, i, i]),
            1 => form("twice({})", [i]),
        ]
        .boxed()
    }

    fn texts_above(&self) -> Text {
        let (c, t) = (&self.condition, &self.text);
        prop_oneof![
            3 => t.clone(),
            1 => form("lower({})", [t]),
            1 => form("(if {} { {} } else { {} })", [c, t, t]),
            1 => form("pick({}, {}, {})", [c, t, t]),
        ]
        .boxed()
    }

    fn ips_above(&self) -> Text {
        let (c, ip) = (&self.condition, &self.ip);
        prop_oneof![
            2 => ip.clone(),
            1 => form("(if {} { {} } else { {} })", [c, ip, ip]),
        ]
        .boxed()
    }

    fn durations_above(&self) -> Text {
        let (d, time) = (&self.duration, &self.time);
        let unit = &one_of(&["minutes", "hours", "days"]);
        prop_oneof![
            2 => d.clone(),
            2 => form("{}({})", [unit, &self.int]),
            1 => form("({} {} {})", [d, &one_of(&["+", "-"]), d]),
            1 => form("({} - {})", [time, time]),
        ]
        .boxed()
    }

    fn times_above(&self) -> Text {
        let (c, time) = (&self.condition, &self.time);
        let operator = &one_of(&["+", "-"]);
        prop_oneof![
            2 => time.clone(),
            1 => form("({} {} {})", [time, operator, &self.duration]),
            1 => form("(if {} { {} } else { {} })", [c, time, time]),
        ]
        .boxed()
    }
}

const TIMES: &[&str] = &[
    "now",
    "account.created_at",
    "(context.issued ?? now)",
    "time(\"2012-11-11T23:59:59Z\")",
    "time(\"2001-09-09T09:46:40+08:00\")",
];

const IPS: &[&str] = &[
    "(context.source_ip ?? \"::1\")",
    "(context[\"acs:SourceIp\"] ?? \"192.0.2.1\")",
    "(if has(context.source_ip) { context.source_ip } else { \"203.0.113.2\" })",
];

const NETWORKS: &[&str] = &[
    "\"192.0.2.0/24\"",
    "\"192.0.2.77/23\"",
    "\"203.0.113.2\"",
    "\"0.0.0.0/0\"",
    "\"::/0\"",
    "\"2001:DB8::/32\"",
    "\"::ffff:192.0.2.0/120\"",
];

const CONDITIONS: &[&str] = &[
    "(has(context.source_ip) && ip_in(context.source_ip, [\"192.0.2.0/24\", \"::1\"]))",
    "(!has(context.source_ip) || context.source_ip != \"192.0.2.1\")",
    "(!has(context[\"acs:MFAPresent\"]) || context[\"ACS:mfapresent\"] == false)",
    "(context[`acs:CurrentTime`] < now - days(1))",
    "(has(account.nick) && like(account.nick, [\"rd-*\", \"*?h\"]))",
    "(!has(account.nick) || !same_text(account.nick, [\"RD-3g\", \"x\"]))",
    "like_any_case(resource, [\"ACS:*\", \"Z?RICH\"])",
    "like(state.phone, \"*bound\")",
    "office(context.source_ip ?? \"::1\")",
    "alike(resource, \"RD-*\")",
    "true",
    "context.trusted",
    "has(account.phone)",
    "has(principal.account)",
    "(has(context.mfa) && context.mfa)",
    "(!has(context.mfa) || context.mfa)",
    "(context.mfa ?? false)",
    "state.phone == \"bound\"",
    "\"unbound\" != state.phone",
    "state.member in [\"resource\", \"cloud\"]",
    "principal.kind !in [\"root\"]",
    "principal.account == account.id",
    "\"ops\" in principal.groups",
    "(has(account.phone) && phone_country(account.phone) == account.country)",
    "(account.country == \"SG\")",
    "input.phone == \"+6591234567\"",
    "(has(account.phone) && account.phone == input.phone)",
    "(if has(account.score) { account.score > 3 } else { context.trusted })",
    "same(account.name, resource)",
    "same(state.phone, \"bound\")",
    "late(now.hour)",
];

const INTS: &[&str] = &[
    "account.age",
    "now.hour",
    "(account.score ?? 7)",
    "len(principal.groups)",
];

const TEXTS: &[&str] = &[
    "account.name",
    "resource",
    "email_domain(account.email)",
    "(account.nick ?? \"none\")",
    "(account.nick ?? resource)",
    "\"rd-3G\"",
    "\"\"",
    "\"*\"",
    "\"r?-*\"",
    "\"low\"",
    "`ops`",
];
