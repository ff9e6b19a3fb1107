//! The decision matrix: what policies say to each principal about each permission in each
//! situation, as a table that is kept beside the policies and reviewed when it changes.
//!
//! A table lists what is allowed, denied explicitly, or open (it depends on facts that a table does
//! not fix). What it does not list is denied because nothing allows it. So a permission that is
//! widened is a line that appears.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What policies say, from the strictest to the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// A statement denies it.
    Deny,
    /// Nothing allows it: not listed.
    None,
    /// It depends on what a table does not fix: the session, the inputs, the time.
    Open,
    /// It is allowed.
    Allow,
}

impl Answer {
    const WRITTEN: [(Self, &'static str); 4] = [
        (Self::Deny, "DENY"),
        (Self::None, "-"),
        (Self::Open, "open"),
        (Self::Allow, "allow"),
    ];

    fn read(text: &str) -> Option<Self> {
        let found = Self::WRITTEN.iter().find(|(_, word)| *word == text);
        found.map(|(answer, _)| *answer)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::WRITTEN.iter().find(|(answer, _)| answer == self);
        f.pad(found.map_or("", |(_, word)| word))
    }
}

/// What a line of the table is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Who asks.
    pub principal: String,
    /// For what.
    pub permission: String,
    /// About which account, in which states.
    pub situation: String,
}

/// One decision of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What policies say.
    pub answer: Answer,
    /// What decides: policies, ownership, and the conditions that are open.
    pub by: String,
}

/// The cell of everything that is not listed.
static NOTHING: Cell = Cell {
    answer: Answer::None,
    by: String::new(),
};

/// A decision matrix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matrix {
    situations: BTreeSet<String>,
    cells: BTreeMap<Key, Cell>,
}

/// Why a text is not a matrix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatrixError {
    /// The head does not list the situations.
    #[error("the table does not begin with `{SITUATIONS}`")]
    Head,
    /// A line has not the five columns.
    #[error("line {0} of the table has not its five columns")]
    Columns(usize),
    /// An answer is none.
    #[error("line {0} of the table has an unknown decision")]
    Answer(usize),
    /// A line is about a situation that the head does not list.
    #[error("line {0} of the table is about a situation that its head does not list")]
    Situation(usize),
    /// Two lines decide the same.
    #[error("line {0} of the table decides what a line before it has decided")]
    Twice(usize),
}

const SITUATIONS: &str = "situations: ";
const COLUMNS: [&str; 5] = ["principal", "permission", "situation", "decision", "by"];
/// Stands for all situations.
const EVERY: &str = "*";

impl Matrix {
    /// A matrix over these situations in which nothing is allowed.
    pub fn over(situations: impl IntoIterator<Item = String>) -> Self {
        Self {
            situations: situations.into_iter().collect(),
            cells: BTreeMap::new(),
        }
    }

    /// Sets what one line says. A situation that is not the table's becomes one.
    pub fn set(&mut self, key: Key, cell: Cell) {
        self.situations.insert(key.situation.clone());
        if cell.answer == Answer::None {
            self.cells.remove(&key);
        } else {
            self.cells.insert(key, cell);
        }
    }

    /// What the table says.
    pub fn get(&self, key: &Key) -> &Cell {
        self.cells.get(key).unwrap_or(&NOTHING)
    }

    /// What is listed.
    pub fn listed(&self) -> impl ExactSizeIterator<Item = (&Key, &Cell)> {
        self.cells.iter()
    }

    /// The situations.
    pub fn situations(&self) -> impl ExactSizeIterator<Item = &str> {
        self.situations.iter().map(String::as_str)
    }

    /// The lines of the table: situations that agree share one.
    pub fn lines(&self) -> Vec<[String; 5]> {
        // By who asks for what: each decision with the situations that share it.
        type Alike<'m> = Vec<(&'m Cell, Vec<&'m str>)>;
        let mut lines: BTreeMap<(&str, &str), Alike<'_>> = BTreeMap::new();
        for (key, cell) in &self.cells {
            let alike = lines.entry((&key.principal, &key.permission)).or_default();
            match alike.iter_mut().find(|(other, _)| *other == cell) {
                Some((_, situations)) => situations.push(&key.situation),
                None => alike.push((cell, vec![&key.situation])),
            }
        }
        let line = |principal: &str, permission: &str, cell: &Cell, situations: &[&str]| {
            let situation = if situations.len() == self.situations.len() {
                EVERY.to_owned()
            } else {
                situations.join(", ")
            };
            let (principal, permission) = (principal.to_owned(), permission.to_owned());
            let (answer, by) = (cell.answer.to_string(), cell.by.clone());
            [principal, permission, situation, answer, by]
        };
        let each = lines.iter().flat_map(|((principal, permission), alike)| {
            alike
                .iter()
                .map(move |(cell, situations)| line(principal, permission, cell, situations))
        });
        each.collect()
    }

    /// The table as text: what a snapshot holds.
    pub fn text(&self) -> String {
        let names: Vec<&str> = self.situations().collect();
        let mut text = format!("{SITUATIONS}{}\n\n", names.join(", "));
        let mut rows = vec![COLUMNS.map(str::to_owned)];
        rows.extend(self.lines());
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
        for row in &rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(&format!("{cell:<width$}  "));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// Reads what [`text`](Self::text) wrote.
    ///
    /// # Errors
    /// When it is no such table; with the line.
    pub fn parse(text: &str) -> Result<Self, MatrixError> {
        let mut lines = (1..).zip(text.lines());
        let head = lines
            .next()
            .and_then(|(_, line)| line.strip_prefix(SITUATIONS));
        let situations = head.ok_or(MatrixError::Head)?.split(", ");
        let mut matrix = Self::over(situations.filter(|it| !it.is_empty()).map(str::to_owned));
        let filled = lines.filter(|(_, line)| !line.trim().is_empty());
        for (number, line) in filled.skip(1) {
            matrix.read_line(number, line)?;
        }
        Ok(matrix)
    }

    fn read_line(&mut self, number: usize, line: &str) -> Result<(), MatrixError> {
        let columns: Vec<&str> = line
            .split("  ")
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .collect();
        let [principal, permission, situations, answer, by] = columns.as_slice() else {
            return Err(MatrixError::Columns(number));
        };
        let answer = Answer::read(answer).ok_or(MatrixError::Answer(number))?;
        let situations: Vec<String> = match *situations {
            EVERY => self.situations.iter().cloned().collect(),
            some => some.split(", ").map(str::to_owned).collect(),
        };
        for situation in situations {
            if !self.situations.contains(&situation) {
                return Err(MatrixError::Situation(number));
            }
            let key = Key {
                principal: (*principal).to_owned(),
                permission: (*permission).to_owned(),
                situation,
            };
            let by = (*by).to_owned();
            if self.cells.insert(key, Cell { answer, by }).is_some() {
                return Err(MatrixError::Twice(number));
            }
        }
        Ok(())
    }
}

/// What a change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// More is allowed than was: each such change needs a decision of its own.
    Widened,
    /// Less is allowed.
    Narrowed,
    /// The same is allowed for another reason.
    Otherwise,
    /// The situation is new to the table, and no more is allowed in it than was before in what comes
    /// nearest to it; or it is no longer in the table.
    Situation,
}

/// A permission that is not what it was, in all situations where it changed in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Who asks.
    pub principal: String,
    /// For what.
    pub permission: String,
    /// About which accounts, in which states.
    pub situations: Vec<String>,
    /// Whether those are all there are.
    pub everywhere: bool,
    /// What was said.
    pub was: Cell,
    /// What is said now.
    pub now: Cell,
    /// What that means.
    pub direction: Direction,
}

impl Change {
    /// The situations as the table writes them.
    pub fn situation(&self) -> String {
        if self.everywhere {
            return EVERY.to_owned();
        }
        self.situations.join(", ")
    }

    fn key(&self, situation: &str) -> Key {
        Key {
            principal: self.principal.clone(),
            permission: self.permission.clone(),
            situation: situation.to_owned(),
        }
    }
}

/// What is different in `new`: what is widened comes first, then by principal and permission.
pub fn changes(old: &Matrix, new: &Matrix) -> Vec<Change> {
    let keys: BTreeSet<&Key> = old.cells.keys().chain(new.cells.keys()).collect();
    let mut changes: Vec<Change> = Vec::new();
    for key in keys {
        let (was, now) = (old.get(key), new.get(key));
        if was == now {
            continue;
        }
        let direction = direction(key, old, new);
        let alike = changes.iter_mut().rev().find(|change| {
            let same = (&change.principal, &change.permission) == (&key.principal, &key.permission);
            same && (&change.was, &change.now, change.direction) == (was, now, direction)
        });
        match alike {
            Some(change) => change.situations.push(key.situation.clone()),
            None => changes.push(Change {
                principal: key.principal.clone(),
                permission: key.permission.clone(),
                situations: vec![key.situation.clone()],
                everywhere: false,
                was: was.clone(),
                now: now.clone(),
                direction,
            }),
        }
    }
    for change in &mut changes {
        change.everywhere = change.situations.iter().eq(&new.situations);
    }
    // Within a direction, what is found first stays first.
    changes.sort_by_key(|change| change.direction);
    changes
}

fn direction(key: &Key, old: &Matrix, new: &Matrix) -> Direction {
    let known = |matrix: &Matrix| matrix.situations.contains(&key.situation);
    let now = new.get(key);
    if !known(new) {
        return Direction::Situation;
    }
    if known(old) {
        return match now.answer.cmp(&old.get(key).answer) {
            Ordering::Greater => Direction::Widened,
            Ordering::Less => Direction::Narrowed,
            Ordering::Equal => Direction::Otherwise,
        };
    }
    // Owners may do at home what they may: a new account brings a new owner, and no policy did.
    let is_new_owner = now.by == OWNERSHIP;
    match old.before(key) {
        Some(before) if now.answer > before && !is_new_owner => Direction::Widened,
        _ => Direction::Situation,
    }
}

/// What decides where no statement has to.
pub const OWNERSHIP: &str = "ownership";

/// The account of a situation, without the states that it is looked at in.
fn account(situation: &str) -> impl Iterator<Item = &str> {
    situation.split(' ').take_while(|word| !word.contains('='))
}

impl Matrix {
    /// What a table said that comes nearest to a situation which it did not know: the least of the
    /// same account in other states, else the most of any account. So a table cannot be widened by
    /// giving its situations other names. `None`: it said nothing at all.
    fn before(&self, key: &Key) -> Option<Answer> {
        let answer = |situation: &String| {
            let key = Key {
                situation: situation.clone(),
                ..key.clone()
            };
            self.get(&key).answer
        };
        let same = |it: &&String| account(it).eq(account(&key.situation));
        let least = self.situations.iter().filter(same).map(answer).min();
        least.or_else(|| self.situations.iter().map(answer).max())
    }
}

impl Matrix {
    /// The table with some of the changes towards `new` taken over. Once no change is left, it is
    /// `new` itself, with its situations.
    #[must_use]
    pub fn with(&self, taken: &[Change], new: &Self) -> Self {
        let mut matrix = self.clone();
        for change in taken {
            for situation in &change.situations {
                matrix.set(change.key(situation), change.now.clone());
            }
        }
        if matrix.cells == new.cells {
            return new.clone();
        }
        matrix
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(principal: &str, permission: &str, situation: &str) -> Key {
        Key {
            principal: principal.to_owned(),
            permission: permission.to_owned(),
            situation: situation.to_owned(),
        }
    }

    fn cell(answer: Answer, by: &str) -> Cell {
        let by = by.to_owned();
        Cell { answer, by }
    }

    fn small() -> Matrix {
        let mut matrix = Matrix::over(["ra1".to_owned(), "rb1".to_owned()]);
        matrix.set(key("u/a", "s:Get", "ra1"), cell(Answer::Allow, "Read"));
        matrix.set(key("u/a", "s:Get", "rb1"), cell(Answer::Allow, "Read"));
        matrix.set(
            key("u/a", "s:Put", "ra1"),
            cell(Answer::Open, "Write when context.mfa"),
        );
        matrix.set(key("u/b", "s:Put", "rb1"), cell(Answer::Deny, "Never"));
        matrix
    }

    #[test]
    fn a_table_lists_what_is_not_simply_denied() {
        insta::assert_snapshot!(small().text(), @r"
        situations: ra1, rb1

        principal  permission  situation  decision  by
        u/a        s:Get       *          allow     Read
        u/a        s:Put       ra1        open      Write when context.mfa
        u/b        s:Put       rb1        DENY      Never
        ");
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        let head = "situations: a\n\nprincipal  permission  situation  decision  by\n";
        let parse = |rest: &str| Matrix::parse(&format!("{head}{rest}")).unwrap_err();
        assert_eq!(Matrix::parse("no table"), Err(MatrixError::Head));
        assert_eq!(parse("u  s:G  *  allow\n"), MatrixError::Columns(4));
        assert_eq!(parse("u  s:G  *  perhaps  P\n"), MatrixError::Answer(4));
        assert_eq!(parse("u  s:G  b  allow  P\n"), MatrixError::Situation(4));
        let twice = "u  s:G  *  allow  P\nu  s:G  a  DENY  P\n";
        assert_eq!(parse(twice), MatrixError::Twice(5));
    }

    #[test]
    fn widened_permissions_come_first() {
        let (old, mut new) = (small(), small());
        new.set(key("u/a", "s:Get", "ra1"), NOTHING.clone());
        new.set(key("u/b", "s:Put", "rb1"), NOTHING.clone());
        new.set(key("u/z", "s:Put", "ra1"), cell(Answer::Allow, "Write"));
        new.set(key("u/a", "s:Get", "rb1"), cell(Answer::Allow, "ReadMore"));
        new.set(key("u/a", "s:Get", "rc1"), cell(Answer::Allow, "Read"));
        let seen: Vec<_> = changes(&old, &new)
            .iter()
            .map(|it| (it.direction, it.principal.clone(), it.situation()))
            .collect();
        let expected = [
            (Direction::Widened, "u/b", "rb1"),
            (Direction::Widened, "u/z", "ra1"),
            (Direction::Narrowed, "u/a", "ra1"),
            (Direction::Otherwise, "u/a", "rb1"),
            (Direction::Situation, "u/a", "rc1"),
        ];
        let expected = expected.map(|(to, who, at)| (to, who.to_owned(), at.to_owned()));
        assert_eq!(seen, expected);
    }

    /// What it means that something is said in a situation that the small table does not know.
    fn in_a_new_situation(
        principal: &str,
        permission: &str,
        situation: &str,
        by: &str,
    ) -> Direction {
        let (old, mut new) = (small(), small());
        let key = key(principal, permission, situation);
        new.set(key, cell(Answer::Allow, by));
        changes(&old, &new).first().unwrap().direction
    }

    #[test]
    fn a_table_is_not_widened_unseen_by_other_names_of_its_situations() {
        let widened = Direction::Widened;
        assert_eq!(in_a_new_situation("u/z", "s:Get", "rc1", "P"), widened);
        assert_eq!(in_a_new_situation("u/b", "s:Get", "rb1 x=y", "P"), widened);
        assert_eq!(
            in_a_new_situation("u/a", "s:Put", "ra1 x=y", "P"),
            widened,
            "was open"
        );
        assert_eq!(
            in_a_new_situation("u/a", "s:Put", "rb1 x=y", "P"),
            widened,
            "not there"
        );
        // Whoever reads every account may read one more; whoever owns one may what owners may.
        let new = Direction::Situation;
        assert_eq!(in_a_new_situation("u/a", "s:Get", "rc1", "Read"), new);
        assert_eq!(in_a_new_situation("u/a", "s:Get", "ra1 x=y", "Read"), new);
        assert_eq!(in_a_new_situation("root/3", "s:Put", "rc1", OWNERSHIP), new);
        let first = changes(&Matrix::default(), &small());
        assert!(first.iter().all(|change| change.direction == new));
    }

    fn matrices() -> impl Strategy<Value = Matrix> {
        let answers = prop_oneof![Just(Answer::Deny), Just(Answer::Open), Just(Answer::Allow)];
        let cell = (answers, "[A-Z][a-z]{0,3}( when x)?");
        let line = ("u/[ab]", "s:[GP]", "r[abc][1-2]", cell);
        proptest::collection::vec(line, 0..12).prop_map(|lines| {
            let mut matrix = Matrix::over(["ra1".to_owned(), "ra2".to_owned()]);
            for (principal, permission, situation, (answer, by)) in lines {
                let key = key(&principal, &permission, &situation);
                matrix.set(key, Cell { answer, by });
            }
            matrix
        })
    }

    proptest! {
        #[test]
        fn a_table_is_read_as_it_was_written(matrix in matrices()) {
            prop_assert_eq!(Matrix::parse(&matrix.text()), Ok(matrix));
        }

        #[test]
        fn taking_every_change_one_by_one_leads_to_the_new_table(
            old in matrices(),
            new in matrices(),
        ) {
            let mut table = old.clone();
            for change in changes(&old, &new) {
                table = table.with(&[change], &new);
                let reread = Matrix::parse(&table.text());
                prop_assert_eq!(reread.as_ref(), Ok(&table));
            }
            prop_assert_eq!(table.cells, new.cells);
        }

        #[test]
        fn taking_nothing_changes_nothing(old in matrices(), new in matrices()) {
            prop_assume!(old.cells != new.cells);
            prop_assert_eq!(old.with(&[], &new), old);
        }

        #[test]
        fn nothing_changes_between_a_table_and_itself(matrix in matrices()) {
            prop_assert_eq!(changes(&matrix, &matrix), vec![]);
        }
    }
}
