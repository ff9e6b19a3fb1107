//! Names that are written as parts of a subject: `r.account.phone` in `|r| …` is `account.phone`.

use std::ops::Range;

use rhai::{ASTFlags, Expr};

use super::{Diagnostic, Path, Reader, Tree, TreeKind, codes, extent};

impl Reader<'_, '_> {
    /// What follows the subject's dot, where a name begins with the subject.
    pub(super) fn of_subject(
        &mut self,
        left: &Expr,
        right: &Expr,
        flags: ASTFlags,
    ) -> Option<Tree> {
        let Expr::Variable(root, ..) = left else {
            return None;
        };
        (self.subject? == root.1.as_str()).then_some(())?;
        let start = self.at(left.start_position());
        let token = |position| extent::token(self.source.text(), self.at(position));
        let name = |part: &Expr| match part {
            Expr::Property(name, position) => Some((name.2.as_str().into(), token(*position))),
            _ => None,
        };
        // Anything longer, and `?.`, is for the reader of names to refuse.
        let negated = |flags: &ASTFlags| flags.intersects(ASTFlags::NEGATED);
        let (first, rest) = match right {
            Expr::Dot(parts, inner, _) if !negated(inner) => (&parts.lhs, Some(&parts.rhs)),
            _ if negated(&flags) => return None,
            lone => (lone, None),
        };
        let (root, root_range) = name(first)?;
        let rest = match rest {
            Some(rest) => Some(name(rest)?),
            None => None,
        };
        let end = rest.as_ref().map_or(root_range.end, |(_, range)| range.end);
        let path = Path {
            root,
            root_span: self.source.span(root_range),
            rest: rest.map(|(name, range)| (name, self.source.span(range))),
            by_key: false,
        };
        Some(self.tree_of(start..end, TreeKind::Path(path)))
    }

    /// Refuses a name that is no part of the subject, where there is one.
    pub(super) fn not_of_subject(&mut self, name: &str, token: &Range<usize>) -> Option<Tree> {
        let subject = self.subject.filter(|_| name != "unset")?;
        let span = self.source.span(token.clone());
        let (says, help) = if name == subject {
            let help = format!("ask for one of its parts, such as `{subject}.allowed`");
            (format!("`{subject}` is the request, not a value"), help)
        } else {
            let help = format!("what is known of the request is written `{subject}.{name}`");
            (format!("there is no name `{name}`"), help)
        };
        let finding = Diagnostic::error(codes::UNKNOWN_NAME, span, says);
        self.diagnostics.push(finding.help(help));
        Some(self.tree_of(token.clone(), TreeKind::Refused))
    }
}
