//! What places in a definition ask of expressions: a type, what may be read, templates.

use super::{compile_as, sample, written};
use crate::expr::agreement::{Sampled, facts};
use crate::expr::{Compiler, Expected, Slot, Type};
use crate::source::{SourceMap, Span};
use crate::value::Value;

/// The value of an expression where a type is asked for, or the first line of what is wrong.
fn as_type(text: &str, ty: Type, optional: bool) -> Result<Option<Value>, String> {
    let compiler = sample().unwrap();
    let expression = compile_as(&compiler, text, Some(ty.clone()), optional).map_err(|found| {
        let written = written(text, &found);
        written.lines().next().unwrap_or_default().to_owned()
    })?;
    assert_eq!(expression.ty(), &ty, "{text}");
    let values: Vec<Sampled> = compiler
        .vocabulary()
        .facts()
        .map(|(_, fact)| match fact.path.as_ref() {
            "account.id" => Sampled::Text("1001"),
            "input.phone" => Sampled::Text("+6591234567"),
            "account.pin" => Sampled::Text("digest"),
            "state.phone" => Sampled::Text("bound"),
            _ => Sampled::Unset,
        })
        .collect();
    let facts = facts(compiler.vocabulary(), &values);
    expression.value(&facts).map_err(|error| error.message)
}

fn type_of(name: &str) -> Type {
    let compiler = sample().unwrap();
    let vocabulary = compiler.vocabulary();
    vocabulary
        .fact(vocabulary.slot(name).unwrap())
        .unwrap()
        .ty
        .clone()
}

#[test]
fn a_value_has_the_type_that_its_place_asks_for() {
    let states = type_of("state.phone");
    let phone = Value::Phone("+6591234567".into());
    let bound = Value::OneOf("bound".parse().unwrap());
    for (text, ty, expected) in [
        ("input.phone", Type::Phone, phone.clone()),
        ("\"+6591234567\"", Type::Phone, phone),
        ("input.phone", Type::Text, Value::Text("+6591234567".into())),
        ("\"SG\"", Type::Country, Value::Country("SG".into())),
        ("state.phone", states.clone(), bound.clone()),
        ("\"bound\"", states.clone(), bound.clone()),
        (
            "if 1 == 1 { \"bound\" } else { \"unbound\" }",
            states.clone(),
            bound,
        ),
        (
            "account.id",
            Type::AccountId,
            Value::AccountId("1001".parse().unwrap()),
        ),
        ("account.pin", Type::Secret, Value::Secret("digest".into())),
    ] {
        assert_eq!(as_type(text, ty, true), Ok(Some(expected)), "{text}");
    }
    assert_eq!(as_type("unset", Type::Phone, true), Ok(None));
    assert_eq!(as_type("account.nick", Type::Text, true), Ok(None));
    for (text, ty, expected) in [
        (
            "account.id",
            Type::Phone,
            "W0304 expected phone, found account_id [account.id]",
        ),
        (
            "account.name",
            Type::Phone,
            "W0304 expected phone, found text [account.name]",
        ),
        (
            "account.pin",
            Type::Text,
            "W0304 expected text, found secret [account.pin]",
        ),
        (
            "\"lost\"",
            states.clone(),
            "W0306 `lost` is none of the possible words [\"lost\"]",
        ),
        (
            "state.member",
            states,
            "W0304 expected one of unbound, bound, found one of resource, cloud [state.member]",
        ),
        ("account.name", Type::Text, "`account.name` is unset"),
    ] {
        assert_eq!(as_type(text, ty, true), Err(expected.to_owned()), "{text}");
    }
    let unguarded = as_type("account.phone", Type::Phone, false);
    assert_eq!(
        unguarded,
        Err("W0305 `account.phone` can be unset here [account.phone]".into())
    );
}

#[test]
fn a_place_says_what_it_may_read() {
    let compiler = sample().unwrap();
    let input = compiler.vocabulary().slot("input.phone").unwrap();
    let may_read = |slot: Slot| match slot == input {
        true => Err("the transition declares no input `phone`".to_owned()),
        false => Ok(()),
    };
    let text = "input.phone == account.name && has(input.phone)";
    let file = SourceMap::default().add("test", text);
    let expected = Expected {
        ty: Some(Type::Bool),
        optional: false,
        may_read: &may_read,
    };
    let found = compiler
        .expression(text, Span::new(file, 0..text.len()), &expected)
        .unwrap_err();
    let codes: Vec<&str> = found.iter().map(|found| found.code.0).collect();
    assert_eq!(codes, ["W0307", "W0307"]);
    let label = &found.first().unwrap().primary.text;
    assert_eq!(label, "the transition declares no input `phone`");
}

#[test]
fn an_expression_tells_what_it_reads() {
    let compiler = sample().unwrap();
    let text = "pick(context.trusted, now.hour, account.age) > 3 && has(account.phone)";
    let expression = compile_as(&compiler, text, Some(Type::Bool), false).unwrap();
    let vocabulary = compiler.vocabulary();
    let names: Vec<&str> = expression
        .reads()
        .iter()
        .map(|slot| vocabulary.fact(*slot).unwrap().path.as_ref())
        .collect();
    assert_eq!(
        names,
        [
            "account.phone",
            "account.age",
            "context.trusted",
            "now.hour"
        ]
    );
}

#[test]
fn more_names_can_be_optional_elsewhere() {
    let compiler = sample().unwrap();
    let text = "input.phone == \"+6591234567\"";
    assert!(compile_as(&compiler, text, Some(Type::Bool), false).is_ok());
    let elsewhere = compiler.over(compiler.vocabulary().with_optional("input"));
    let found = compile_as(&elsewhere, text, Some(Type::Bool), false).unwrap_err();
    assert_eq!(found.first().unwrap().code.0, "W0305");
}

fn rendered(compiler: &Compiler, text: &str) -> String {
    let file = SourceMap::default().add("test", text);
    let span = Span::new(file, 0..text.len());
    let template = match compiler.template(text, span, &|_| Ok(())) {
        Ok(template) => template,
        Err(found) => return written(text, &found).lines().next().unwrap().to_owned(),
    };
    let values: Vec<Sampled> = compiler
        .vocabulary()
        .facts()
        .map(|(_, fact)| match fact.path.as_ref() {
            "account.name" => Sampled::Text("payments"),
            "account.age" => Sampled::Int(7),
            _ => Sampled::Unset,
        })
        .collect();
    let facts = facts(compiler.vocabulary(), &values);
    template
        .render(&facts)
        .unwrap_or_else(|error| error.message)
}

#[test]
fn templates_are_text_with_values_in_it() {
    let compiler = sample().unwrap();
    for (text, expected) in [
        ("", ""),
        ("plain } text $ 5", "plain } text $ 5"),
        ("${account.name}: ${account.age + 1}.", "payments: 8."),
        ("${account.nick ?? \"no } nick\"}", "no } nick"),
        ("[${account.nick}]", "[]"),
        (
            "$${account.name} ${account.name}",
            "${account.name} payments",
        ),
        (
            "${if account.age > 3 { \"old\" } else { account.name }}",
            "old",
        ),
        ("a ${account.nam} b", "W0302 `account` has no `nam` [nam]"),
        ("a ${account.name", "W0301 this `${` has no `}` [${]"),
        ("a ${} b", "W0301 the expression is not complete []"),
        (
            "${account.pin}",
            "W0304 expected a value that can be written as text, found secret \
         [account.pin]",
        ),
        (
            "${principal.groups}",
            "W0304 expected a value that can be written as text, found texts \
         [principal.groups]",
        ),
        ("${resource}", "`resource` is unset"),
    ] {
        assert_eq!(rendered(&compiler, text), expected, "{text}");
    }
}
