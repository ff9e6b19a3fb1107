//! A whole expression in rhai's interpreter: never used to decide, only to prove that the native
//! form means what rhai means.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Scope};

use super::dynamic::{to_dynamic, to_got, view};
use super::fault::Fault;
use super::functions::Got;
use super::script::Library;
use super::{Facts, Val, Vocabulary, host};

/// What a root name is in the interpreter: a group of names, and perhaps a value itself (`now`,
/// `now.hour`). Its parts are fixed; there is no map a script could get hold of.
#[derive(Debug, Clone)]
struct Group {
    own: Dynamic,
    parts: Arc<BTreeMap<ImmutableString, Dynamic>>,
}

/// The value of a group that is one. Only times are.
pub(super) fn own_value(value: &Dynamic) -> Option<Val<'static>> {
    let group = value.read_lock::<Group>()?;
    view(&group.own, |own| match own {
        Val::Time(at) => Ok(Val::Time(at)),
        _ => Err(Fault::UNEXPECTED_KIND),
    })
    .ok()
}

/// The value that rhai's interpreter finds for an expression.
pub(super) fn interpret(
    text: &str,
    vocabulary: &Vocabulary,
    library: &Library,
    facts: &Facts<'_>,
) -> Result<Got<'static>, Fault> {
    let engine = engine();
    let ast = engine
        .compile_expression(text)
        .map_err(|_| Fault::Failed("rhai cannot read it"))?;
    let ast = library.ast().clone_functions_only().merge(&ast);
    let mut scope = scope(vocabulary, facts);
    let result = engine.eval_ast_with_scope::<Dynamic>(&mut scope, &ast);
    to_got(&result.map_err(|error| host::fault(&error))?)
}

/// The engine of expressions, with the groups of names.
fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut engine = host::for_expressions();
        register_groups(&mut engine);
        engine
    })
}

fn register_groups(engine: &mut Engine) {
    engine.register_indexer_get(
        |group: &mut Group, name: ImmutableString| -> Result<Dynamic, Box<EvalAltResult>> {
            let part = group.parts.get(&name);
            // Condition keys are the same in any case.
            let part = part.or_else(|| group.parts.get(name.to_ascii_lowercase().as_str()));
            part.cloned().ok_or_else(|| "there is no such name".into())
        },
    );
}

fn scope(vocabulary: &Vocabulary, facts: &Facts<'_>) -> Scope<'static> {
    let mut groups: BTreeMap<&str, BTreeMap<ImmutableString, Dynamic>> = BTreeMap::new();
    let mut values: BTreeMap<&str, Dynamic> = BTreeMap::new();
    for (slot, fact) in vocabulary.facts() {
        let value = to_dynamic(facts.get(slot));
        for key in &fact.keys {
            let context = groups.entry("context").or_default();
            context.insert(key.as_str().to_ascii_lowercase().into(), value.clone());
        }
        match fact.path.split_once('.') {
            Some((group, part)) => {
                groups.entry(group).or_default().insert(part.into(), value);
            }
            None => {
                values.insert(&fact.path, value);
            }
        }
    }
    let mut scope = Scope::new();
    scope.push_dynamic("unset", Dynamic::UNIT);
    for (name, parts) in groups {
        let group = Group {
            own: values.remove(name).unwrap_or(Dynamic::UNIT),
            parts: Arc::new(parts),
        };
        scope.push(name.to_owned(), group);
    }
    for (name, value) in values {
        scope.push_dynamic(name.to_owned(), value);
    }
    scope
}
