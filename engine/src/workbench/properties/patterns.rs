//! Names that patterns cover, and names that they just miss.

use super::dice::Dice;

/// What a star is replaced by, the simplest first.
const RUNS: [&str; 4] = ["", "a", "1", "a/b"];

/// Some texts that have the form of a pattern, if it is one; the text itself otherwise.
pub(super) fn instances(text: &str) -> impl Iterator<Item = String> {
    let runs: &[&str] = if text.contains('*') {
        &RUNS
    } else {
        &["", "a"]
    };
    let has_wildcard = text.contains(['*', '?']);
    let runs = if has_wildcard { runs } else { &[""] };
    runs.iter().map(move |run| filled(text, run))
}

/// A pattern with every star replaced by one run, and every `?` by a letter.
fn filled(pattern: &str, run: &str) -> String {
    named(pattern.replace('*', run).replace('?', "a"))
}

/// A name that ends in `/` names nothing: something stands behind it.
fn named(mut name: String) -> String {
    if name.ends_with('/') {
        name.push('a');
    }
    name
}

/// The fields of `acs:service:region:account:path`.
fn fields(resource: &str) -> Option<[&str; 5]> {
    let parts: Vec<&str> = resource.splitn(5, ':').collect();
    parts.try_into().ok()
}

/// The account that a resource pattern names, if it names one.
pub(super) fn account_of(resource: &str) -> Option<String> {
    let [_, _, _, account, _] = fields(resource)?;
    (!account.is_empty() && !account.contains(['*', '?'])).then(|| account.to_owned())
}

/// What stands behind the first word of a resource pattern's path, with its wildcards filled.
pub(super) fn paths_of(resource: &str) -> Vec<String> {
    let path = fields(resource).and_then(|[.., path]| path.split_once('/'));
    let Some((_, below)) = path else {
        return Vec::new();
    };
    instances(below).filter(|path| !path.is_empty()).collect()
}

/// A resource that a pattern covers. `accounts` are those it may belong to.
pub(super) fn resource(pattern: &str, accounts: &[&str], dice: &mut Dice<'_>) -> String {
    let five;
    let [scheme, service, region, account, path] = match fields(pattern) {
        Some(fields) => fields,
        // A star that reaches over fields stands for each of them.
        None => match pattern.splitn(4, ':').collect::<Vec<&str>>().as_slice() {
            [scheme, service, region, path] => [scheme, service, region, "*", path],
            _ => {
                five = pattern.replace(':', "/");
                ["acs", "*", "*", "*", &five]
            }
        },
    };
    let any = |field: &str, dice: &mut Dice<'_>, choices: &[&str]| {
        if field == "*" {
            dice.pick(choices).copied().unwrap_or("*").to_owned()
        } else {
            run(field, dice)
        }
    };
    let service = any(service, dice, &["resourcemanager", "ram", "ecs"]);
    let region = any(region, dice, &["*", "*", "cn"]);
    let account = any(account, dice, accounts);
    let path = Some(run(path, dice)).filter(|path| !path.is_empty());
    let path = path.as_deref().unwrap_or("a");
    format!("{scheme}:{service}:{region}:{account}:{path}")
}

/// A pattern with each star replaced by a run of its own.
pub(super) fn run(pattern: &str, dice: &mut Dice<'_>) -> String {
    let mut text = String::with_capacity(pattern.len());
    for character in pattern.chars() {
        match character {
            '*' => text.push_str(dice.pick(&RUNS).copied().unwrap_or_default()),
            '?' => text.push('a'),
            other => text.push(other),
        }
    }
    named(text)
}

/// A name that differs from another in one place: a near miss, as often as not.
pub(super) fn near(name: &str, dice: &mut Dice<'_>) -> String {
    let letters: Vec<char> = name.chars().collect();
    let at = dice.below(letters.len());
    let keep = |character: char| ":/".contains(character);
    let changed = letters.iter().enumerate().filter_map(|(index, letter)| {
        if index != at || keep(*letter) {
            return Some(*letter);
        }
        match dice.below(3) {
            0 => None,
            1 => Some(if *letter == 'B' { 'C' } else { 'B' }),
            _ => Some(if *letter == 'b' { 'c' } else { 'b' }),
        }
    });
    changed.collect()
}
