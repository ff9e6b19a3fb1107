//! Calls: functions of the language, and those of the lifecycle, which are put in place where they
//! are a single expression.

use std::sync::Arc;

use super::{Checker, Env, Node, Ty, Type, Typed, codes};
use crate::diagnostic::Diagnostic;
use crate::expr::functions::{self, Function, Parameter, Run};
use crate::expr::script::{self, ScriptCall};
use crate::expr::syntax::{Call, Definition, Tree};
use crate::source::Span;

/// How deep functions that are put in place can call each other.
const INLINE_DEPTH_MAX: usize = 8;

impl Checker<'_> {
    pub(super) fn call(&mut self, call: &Call, span: Span, env: &Env<'_>) -> Typed {
        if let Some(function) = functions::function(&call.name) {
            return self.native(function, call, span, env);
        }
        let library = self.library.clone();
        let Some(definition) = library.function(&call.name) else {
            self.report(script::unknown_function(call, library.names()));
            for argument in &call.arguments {
                self.check(argument, env, None);
            }
            return Typed::wrong(span);
        };
        if !self.has_count(call, definition.parameters.len()) {
            return Typed::wrong(span);
        }
        let arguments = call
            .arguments
            .iter()
            .map(|argument| self.check(argument, env, None));
        let arguments: Vec<Typed> = arguments.collect();
        match definition.expression() {
            Some(body) => self.inline(definition, body, arguments, span, env),
            None => self.interpret(&library, call, arguments, span),
        }
    }

    fn has_count(&mut self, call: &Call, wanted: usize) -> bool {
        if call.arguments.len() == wanted {
            return true;
        }
        self.report(script::wrong_count(call, wanted));
        false
    }

    fn native(
        &mut self,
        function: &'static Function,
        call: &Call,
        span: Span,
        env: &Env<'_>,
    ) -> Typed {
        if !self.has_count(call, function.parameters.len()) {
            return Typed::wrong(span);
        }
        if let Run::Any(relation) = function.run {
            return self.relation(function, relation, call, span, env);
        }
        let mut nodes = Vec::with_capacity(call.arguments.len());
        let mut wrong = false;
        for (parameter, argument) in function.parameters.iter().zip(&call.arguments) {
            let typed = self.argument(*parameter, argument, env);
            wrong |= matches!(typed.ty, Ty::Wrong | Ty::Nothing);
            nodes.push(typed.node);
        }
        if wrong {
            return Typed::wrong(span);
        }
        let asked = match (function.parameters, nodes.first()) {
            ([Parameter::Name], Some(node)) => node.slot(),
            _ => None,
        };
        let node = Node::Call(function, nodes.into());
        let mut typed = self.folded(node, function.result.clone(), span);
        typed.implied.if_true.extend(asked);
        typed
    }

    pub(super) fn argument(
        &mut self,
        parameter: Parameter,
        argument: &Tree,
        env: &Env<'_>,
    ) -> Typed {
        let hint = match parameter {
            Parameter::Instant | Parameter::Networks => {
                return self.written_out(parameter, argument, env);
            }
            Parameter::Name => None,
            Parameter::Text | Parameter::TextOrTexts | Parameter::AnyText => Some(Type::Text),
            Parameter::Int => Some(Type::Int),
            Parameter::Phone => Some(Type::Phone),
            Parameter::Email => Some(Type::Email),
            Parameter::Ip => Some(Type::Ip),
        };
        let typed = self.check(argument, env, hint.as_ref());
        let Some(wanted) = hint else {
            if typed.node.slot().is_none() && !typed.is_wrong() {
                let diagnostic = Diagnostic::error(
                    codes::FORBIDDEN_CONSTRUCT,
                    typed.span,
                    "`has` asks about a name, and this is none",
                );
                self.report(diagnostic.help("such as `has(account.phone)`"));
                return Typed::wrong(typed.span);
            }
            return typed;
        };
        self.require_set(&typed);
        match &typed.ty {
            Ty::Of(Type::Texts) if parameter == Parameter::TextOrTexts => typed,
            Ty::Of(found) if !wanted.accepts(found) => {
                self.mismatch_in_call(&typed, found, &wanted);
                Typed::wrong(typed.span)
            }
            _ => typed,
        }
    }

    fn mismatch_in_call(&mut self, typed: &Typed, found: &Type, wanted: &Type) {
        let message = format!("expected {wanted}, found {found}");
        let diagnostic = Diagnostic::error(codes::TYPE_MISMATCH, typed.span, message);
        self.report(match (wanted, found) {
            (Type::Text, Type::Texts) => diagnostic.help("for one of several, ask `text in texts`"),
            (Type::Text, Type::Ip) => diagnostic.help("for addresses, use `ip_in(ip, network)`"),
            (Type::Ip, Type::Text) => diagnostic.help("declare the name with `type: ip`"),
            _ => diagnostic,
        });
    }

    /// Puts a function's expression in the place of its call.
    fn inline(
        &mut self,
        definition: &Definition,
        body: &Tree,
        arguments: Vec<Typed>,
        span: Span,
        env: &Env<'_>,
    ) -> Typed {
        if self.calls.len() >= INLINE_DEPTH_MAX {
            let message = format!("functions call each other more than {INLINE_DEPTH_MAX} deep");
            self.error(codes::BOUND_EXCEEDED, span, message);
            return Typed::wrong(span);
        }
        if arguments.iter().any(Typed::is_wrong) {
            return Typed::wrong(span);
        }
        // Arguments are evaluated before the function, also those that it goes on to ignore. Names
        // and constants cannot fail, so they need not be.
        let simple = |typed: &&Typed| !matches!(typed.node, Node::Const(_) | Node::Fact(_));
        let first: Box<[Node]> = arguments
            .iter()
            .filter(simple)
            .map(|typed| typed.node.clone())
            .collect();
        let parameters: Vec<(Arc<str>, Typed)> = definition
            .parameters
            .iter()
            .cloned()
            .zip(arguments)
            .collect();
        let within = Env {
            set: env.set.clone(),
            parameters: Some(&parameters),
        };
        self.calls.push(span);
        let typed = self.check(body, &within, None);
        self.calls.pop();
        let node = match first.is_empty() {
            true => typed.node,
            false => Node::After(first, Box::new(typed.node)),
        };
        Typed {
            node,
            span,
            ..typed
        }
    }

    /// Leaves a function of several statements to the interpreter.
    fn interpret(
        &mut self,
        library: &Arc<script::Library>,
        call: &Call,
        arguments: Vec<Typed>,
        span: Span,
    ) -> Typed {
        if arguments.iter().any(Typed::is_wrong) {
            return Typed::wrong(span);
        }
        let node = Node::Script(Box::new(ScriptCall {
            library: library.clone(),
            name: call.name.clone(),
            arguments: arguments.into_iter().map(|typed| typed.node).collect(),
        }));
        Typed::of(node, Ty::Any, span)
    }
}
