//! From rhai's syntax tree to ours. The only module (with its parts) that uses rhai's `internals`,
//! and the reason why rhai's version is pinned.

mod captured;
mod functions;
mod subject;

use std::ops::Range;

use rhai::{AST, ASTFlags, Dynamic, Expr, FnCallExpr, Position, Stmt};

pub use self::captured::Captured;
pub(in crate::expr) use self::functions::definitions;

use super::operators::Operator;
use super::place::SourceText;
use super::syntax::{Call, Path, Tree, TreeKind};
use super::{codes, extent, host};
use crate::diagnostic::Diagnostic;

/// Deeper than any reader of ours lets an expression nest; a capturing engine may allow more.
const DEPTH_MAX: usize = 2 * host::DEPTH_MAX;

/// The group of the names that have condition keys.
const CONTEXT: &str = "context";

/// The value of a constant that stands around a captured condition.
pub(super) type Locals<'l> = &'l dyn Fn(&str) -> Option<Dynamic>;

/// Reads a parsed expression. What is refused is reported and stays in the tree as a gap, so that
/// the checker can look at the rest.
pub(super) fn expression(ast: &AST, source: &SourceText<'_>) -> (Tree, Vec<Diagnostic>) {
    let mut reader = Reader::new(source, &|_| None);
    let tree = reader.only_value(ast.statements(), 0..source.text().len());
    (tree, reader.diagnostics)
}

/// Reads an expression that rhai captured unevaluated. With a `subject`, every name is written as a
/// part of it: `r.account.phone`.
pub(super) fn captured(
    expression: &rhai::Expression<'_>,
    source: &SourceText<'_>,
    locals: Locals<'_>,
    subject: Option<&str>,
) -> (Tree, Vec<Diagnostic>) {
    let mut reader = Reader::new(source, locals);
    reader.subject = subject;
    let tree = reader.tree(expression);
    (tree, reader.diagnostics)
}

/// Turns expressions and statements into ours, and keeps a list of what it had to refuse.
struct Reader<'s, 't> {
    source: &'s SourceText<'t>,
    locals: Locals<'s>,
    subject: Option<&'s str>,
    depth: usize,
    diagnostics: Vec<Diagnostic>,
}

impl<'s, 't> Reader<'s, 't> {
    fn new(source: &'s SourceText<'t>, locals: Locals<'s>) -> Self {
        Self {
            source,
            locals,
            subject: None,
            depth: 0,
            diagnostics: Vec::new(),
        }
    }

    fn at(&self, position: Position) -> usize {
        self.source.offset(position)
    }

    fn tree_of(&self, range: Range<usize>, kind: TreeKind) -> Tree {
        let range = extent::balanced(self.source.text(), range);
        Tree {
            kind,
            span: self.source.span(range.clone()),
            range,
        }
    }

    fn refuse(&mut self, range: Range<usize>, what: &str, help: Option<&str>) -> Tree {
        let range = if range.is_empty() {
            extent::token(self.source.text(), range.start)
        } else {
            range
        };
        let span = self.source.span(range.clone());
        let mut diagnostic = Diagnostic::error(codes::FORBIDDEN_CONSTRUCT, span, what);
        diagnostic.help.extend(help.map(str::to_owned));
        self.diagnostics.push(diagnostic);
        self.tree_of(range, TreeKind::Refused)
    }

    /// Reads a part of an expression.
    fn tree(&mut self, expr: &Expr) -> Tree {
        let at = self.at(expr.start_position());
        if self.depth >= DEPTH_MAX {
            let what = format!("the expression nests deeper than {DEPTH_MAX} levels");
            let span = self.source.span(extent::token(self.source.text(), at));
            self.diagnostics
                .push(Diagnostic::error(codes::BOUND_EXCEEDED, span, what));
            return self.tree_of(at..at, TreeKind::Refused);
        }
        self.depth += 1;
        let tree = self.part(expr, at);
        self.depth -= 1;
        tree
    }

    fn part(&mut self, expr: &Expr, at: usize) -> Tree {
        let token = extent::token(self.source.text(), at);
        match expr {
            Expr::BoolConstant(truth, _) => self.tree_of(token, TreeKind::Bool(*truth)),
            Expr::IntegerConstant(number, _) => self.tree_of(token, TreeKind::Int(*number)),
            Expr::StringConstant(text, _) => {
                self.tree_of(token, TreeKind::Text(text.as_str().into()))
            }
            Expr::DynamicConstant(value, _) => self.constant(value, token),
            Expr::CharConstant(..) => self.refuse(
                token,
                "a single character is not a value",
                Some("use double quotes"),
            ),
            Expr::Unit(_) => self.refuse(
                at..extent::closing(self.source.text(), at + 1, ')'),
                "`()` is not a value",
                Some("ask `has(name)`, or write `unset` where nothing is to be set"),
            ),
            Expr::Array(elements, _) => {
                let elements: Vec<Tree> = elements.iter().map(|part| self.tree(part)).collect();
                let last = elements.last().map_or(at + 1, |last| last.range.end);
                let end = extent::closing(self.source.text(), last, ']');
                self.tree_of(at..end, TreeKind::List(elements))
            }
            Expr::InterpolatedString(parts, _) => self.interpolated(parts, at),
            Expr::Variable(name, ..) => self.variable(&name.1, token),
            Expr::Dot(parts, flags, _) => self.dotted(&parts.lhs, &parts.rhs, *flags),
            Expr::And(parts, _) => self.chain(parts, TreeKind::All),
            Expr::Or(parts, _) => self.chain(parts, TreeKind::Any),
            Expr::Coalesce(parts, _) => self.chain(parts, TreeKind::Coalesce),
            Expr::FnCall(call, position) => self.call(call, *position),
            Expr::Stmt(block) => self.only_value(block.statements(), at..at),
            Expr::Map(..) => self.refuse(token, "expressions have no maps", None),
            Expr::Index(parts, flags, _) => self.keyed(&parts.lhs, &parts.rhs, *flags),
            _ => self.refuse(at..at, "expressions do not have this", None),
        }
    }

    fn chain(&mut self, parts: &[Expr], kind: fn(Vec<Tree>) -> TreeKind) -> Tree {
        let parts: Vec<Tree> = parts.iter().map(|part| self.tree(part)).collect();
        let range = hull(&parts);
        self.tree_of(range, kind(parts))
    }

    fn variable(&mut self, name: &str, token: Range<usize>) -> Tree {
        if let Some(value) = (self.locals)(name) {
            return self.constant(&value, token);
        }
        if let Some(refused) = self.not_of_subject(name, &token) {
            return refused;
        }
        let path = Path {
            root: name.into(),
            root_span: self.source.span(token.clone()),
            rest: None,
            by_key: false,
        };
        self.tree_of(token, TreeKind::Path(path))
    }

    fn dotted(&mut self, left: &Expr, right: &Expr, flags: ASTFlags) -> Tree {
        if let Some(tree) = self.of_subject(left, right, flags) {
            return tree;
        }
        let start = self.at(left.start_position());
        let (Expr::Variable(root, ..), Expr::Property(rest, position)) = (left, right) else {
            let mut last = right;
            while let Expr::Dot(parts, ..) | Expr::Index(parts, ..) = last {
                last = &parts.rhs;
            }
            let end = extent::token(self.source.text(), self.at(last.position())).end;
            let (what, help) = match last {
                Expr::MethodCall(..) => (
                    "functions are not called as methods",
                    "write `ends_with(text, end)` rather than `text.ends_with(end)`",
                ),
                _ => ("a name has at most two parts", "such as `account.phone`"),
            };
            return self.refuse(start..end.max(start), what, Some(help));
        };
        let rest_token = extent::token(self.source.text(), self.at(*position));
        let range = start..rest_token.end;
        if flags.intersects(ASTFlags::NEGATED) {
            let help = "ask `has(name)`, or give a default: `name ?? default`";
            return self.refuse(range, "`?.` is not an operator of expressions", Some(help));
        }
        if (self.locals)(&root.1).is_some() {
            return self.refuse(range, "constants have no parts", None);
        }
        let root_token = extent::token(self.source.text(), start);
        let path = Path {
            root: root.1.as_str().into(),
            root_span: self.source.span(root_token),
            rest: Some((rest.2.as_str().into(), self.source.span(rest_token))),
            by_key: false,
        };
        self.tree_of(range, TreeKind::Path(path))
    }

    /// `context["acs:SourceIp"]`
    fn keyed(&mut self, left: &Expr, right: &Expr, flags: ASTFlags) -> Tree {
        let at = self.at(left.start_position());
        let is_context = matches!(left, Expr::Variable(root, ..) if root.1 == CONTEXT);
        if !is_context || (self.locals)(CONTEXT).is_some() || flags.intersects(ASTFlags::NEGATED) {
            let help = "ask whether a list contains something: `value in list`";
            let what = "parts of values cannot be picked by an index";
            return self.refuse(at..at, what, Some(help));
        }
        let key = match right {
            Expr::StringConstant(..) | Expr::InterpolatedString(..) | Expr::Variable(..) => {
                self.tree(right)
            }
            other => {
                let at = self.at(other.start_position());
                return self.no_key(at..at);
            }
        };
        let text = match key.kind {
            TreeKind::Text(text) => text,
            TreeKind::Refused => return key,
            _ => return self.no_key(key.range),
        };
        let end = extent::closing(self.source.text(), key.range.end, ']');
        let root_token = extent::token(self.source.text(), at);
        let path = Path {
            root: CONTEXT.into(),
            root_span: self.source.span(root_token),
            rest: Some((text, key.span)),
            by_key: true,
        };
        self.tree_of(at..end, TreeKind::Path(path))
    }

    fn no_key(&mut self, range: Range<usize>) -> Tree {
        let help = "such as `context[\"acs:SourceIp\"]`";
        self.refuse(range, "a condition key is a text in quotes", Some(help))
    }

    /// Text in backticks: only what is known while the definition is read can be put into it.
    fn interpolated(&mut self, parts: &[Expr], at: usize) -> Tree {
        let token = extent::token(self.source.text(), at);
        let mut text = String::new();
        for part in parts {
            match self.tree(part).kind {
                TreeKind::Text(part) => text.push_str(&part),
                TreeKind::Int(number) => text.push_str(&number.to_string()),
                TreeKind::Refused => return self.tree_of(token, TreeKind::Refused),
                _ => {
                    let help = "compare with `like(text, pattern)`, `starts_with(text, start)`";
                    return self.refuse(token, "an expression cannot make texts", Some(help));
                }
            }
        }
        self.tree_of(token, TreeKind::Text(text.into()))
    }

    /// The value of a constant, as if it stood there itself.
    fn constant(&mut self, value: &Dynamic, token: Range<usize>) -> Tree {
        let kind = if let Ok(truth) = value.as_bool() {
            TreeKind::Bool(truth)
        } else if let Ok(number) = value.as_int() {
            TreeKind::Int(number)
        } else if let Ok(text) = value.as_immutable_string_ref() {
            TreeKind::Text(text.as_str().into())
        } else if let Some(elements) = value.read_lock::<rhai::Array>()
            && elements.len() <= host::LIST_LENGTH_MAX
            && !elements.iter().any(|element| element.is_array())
        {
            let elements = elements
                .iter()
                .map(|element| self.constant(element, token.clone()));
            TreeKind::List(elements.collect())
        } else {
            let help = "constants can be texts, whole numbers, truth values, and lists of them";
            return self.refuse(
                token,
                "a constant of this kind cannot be used here",
                Some(help),
            );
        };
        self.tree_of(token, kind)
    }

    fn call(&mut self, call: &FnCallExpr, position: Position) -> Tree {
        let at = self.at(position);
        let arguments: Vec<Tree> = call.args.iter().map(|part| self.tree(part)).collect();
        let range = hull(&arguments);
        if let Some(in_list) = self.membership(call, at, &arguments) {
            return in_list;
        }
        if call.is_operator_call() {
            return self.operation(&call.name, at, arguments);
        }
        let name = extent::token(self.source.text(), at);
        if call.capture_parent_scope
            || extent::text(self.source.text(), &name) != call.name.as_str()
        {
            return self.refuse(at..at, "expressions do not have this", None);
        }
        let last = if arguments.is_empty() {
            extent::after_opening(self.source.text(), name.end)
        } else {
            range.end
        };
        let end = extent::closing(self.source.text(), last, ')');
        let call = Call {
            name: call.name.as_str().into(),
            name_span: self.source.span(name),
            arguments,
        };
        self.tree_of(at..end, TreeKind::Call(call))
    }

    /// rhai reads `x in list` as `contains(list, x)`, `x !in list` as `!contains(list, x)`.
    fn membership(&mut self, call: &FnCallExpr, at: usize, arguments: &[Tree]) -> Option<Tree> {
        let token = extent::token(self.source.text(), at);
        let written = extent::text(self.source.text(), &token);
        match arguments {
            [list, item] if call.name == "contains" && matches!(written, "in" | "!in") => {
                let range = item.range.start..list.range.end;
                let parts = Box::new([item.clone(), list.clone()]);
                Some(self.tree_of(range, TreeKind::In(parts)))
            }
            [inner] if call.name == "!" && written == "!in" => {
                let kind = TreeKind::Not(Box::new(inner.clone()));
                Some(self.tree_of(inner.range.clone(), kind))
            }
            _ => None,
        }
    }

    fn operation(&mut self, symbol: &str, at: usize, arguments: Vec<Tree>) -> Tree {
        let range = hull(&arguments);
        match <[Tree; 2]>::try_from(arguments) {
            Ok(parts) => match Operator::of_symbol(symbol) {
                Some(operator) => self.tree_of(range, TreeKind::Binary(operator, Box::new(parts))),
                None => {
                    let what = format!("`{symbol}` is not an operator of expressions");
                    self.refuse(at..at, &what, None)
                }
            },
            Err(arguments) => match (symbol, <[Tree; 1]>::try_from(arguments)) {
                ("!", Ok([part])) => self.tree_of(at..range.end, TreeKind::Not(Box::new(part))),
                ("-", Ok([part])) => self.tree_of(at..range.end, TreeKind::Negate(Box::new(part))),
                _ => {
                    let what = format!("`{symbol}` is not an operator of expressions");
                    self.refuse(at..at, &what, None)
                }
            },
        }
    }

    /// The value of a block that is nothing but a value.
    fn only_value(&mut self, statements: &[Stmt], place: Range<usize>) -> Tree {
        if let [statement] = statements
            && let Some(value) = self.value(statement)
        {
            return value;
        }
        self.refuse(place, "only an expression can stand here", None)
    }

    /// The statement as a value, if it is one: an expression, or an `if` between values.
    fn value(&mut self, statement: &Stmt) -> Option<Tree> {
        match statement {
            Stmt::Expr(expr) => Some(self.tree(expr)),
            Stmt::FnCall(call, position) => Some(self.call(call, *position)),
            Stmt::Block(block) => {
                Some(self.only_value(block.statements(), self.block_start(block)))
            }
            Stmt::If(parts, position) => {
                let at = self.at(*position);
                let condition = self.tree(&parts.expr);
                let then = self.only_value(parts.body.statements(), self.block_start(&parts.body));
                let otherwise = if parts.branch.is_empty() {
                    self.refuse(
                        at..at,
                        "this `if` has no `else`",
                        Some("say what holds otherwise"),
                    )
                } else {
                    self.only_value(parts.branch.statements(), self.block_start(&parts.branch))
                };
                let end = extent::closing(self.source.text(), otherwise.range.end, '}');
                let kind = TreeKind::If(Box::new([condition, then, otherwise]));
                Some(self.tree_of(at..end, kind))
            }
            _ => None,
        }
    }

    fn block_start(&self, block: &rhai::StmtBlock) -> Range<usize> {
        let at = self.at(block.position());
        at..at
    }
}

/// From the start of the first part to the end of the last.
fn hull(parts: &[Tree]) -> Range<usize> {
    let start = parts.iter().map(|part| part.range.start).min();
    let end = parts.iter().map(|part| part.range.end).max();
    start.unwrap_or(0)..end.unwrap_or(0)
}
