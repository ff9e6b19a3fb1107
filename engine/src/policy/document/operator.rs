//! The condition operators of documents, by name.

use super::Dialect;
use crate::expr::Type;

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// `StringEquals`.
    Text,
    /// `StringEqualsIgnoreCase`.
    AnyCase,
    /// `StringLike`.
    Like,
    /// `ArnLike`, `ArnEquals`: field by field.
    Arn,
    /// `Numeric…`.
    Number(Order),
    /// `Date…`.
    Date(Order),
    /// `Bool`.
    Bool,
    /// `IpAddress`.
    Ip,
    /// `Null`: whether the key is missing.
    Null,
}

impl Base {
    /// Whether its values can be a list that is written elsewhere. Moments cannot, which only
    /// conditions have; and what is compared one by one is no list.
    pub(super) fn takes_named_list(self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::AnyCase
                | Self::Like
                | Self::Arn
                | Self::Ip
                | Self::Number(Order::Equal)
        )
    }
}

/// How values are compared that have an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// One operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) base: Base,
    /// Whether it matches where no value does.
    pub(super) negated: bool,
    /// Whether it matches where the key is missing, though it is not negated.
    pub(super) if_exists: bool,
}

/// Why a name is no operator that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoOperator {
    /// Nothing is called so.
    Unknown,
    /// There is such an operator, and this is what is to be said of it.
    Unsupported(&'static str),
}

/// The operators that both languages have.
const COMMON: [(&str, Base, bool); 21] = [
    ("StringEquals", Base::Text, false),
    ("StringNotEquals", Base::Text, true),
    ("StringEqualsIgnoreCase", Base::AnyCase, false),
    ("StringNotEqualsIgnoreCase", Base::AnyCase, true),
    ("StringLike", Base::Like, false),
    ("StringNotLike", Base::Like, true),
    ("NumericEquals", Base::Number(Order::Equal), false),
    ("NumericNotEquals", Base::Number(Order::Equal), true),
    ("NumericLessThan", Base::Number(Order::Less), false),
    (
        "NumericLessThanEquals",
        Base::Number(Order::LessOrEqual),
        false,
    ),
    ("NumericGreaterThan", Base::Number(Order::Greater), false),
    (
        "NumericGreaterThanEquals",
        Base::Number(Order::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Base::Date(Order::Equal), false),
    ("DateNotEquals", Base::Date(Order::Equal), true),
    ("DateLessThan", Base::Date(Order::Less), false),
    ("DateLessThanEquals", Base::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Base::Date(Order::Greater), false),
    (
        "DateGreaterThanEquals",
        Base::Date(Order::GreaterOrEqual),
        false,
    ),
    ("Bool", Base::Bool, false),
    ("IpAddress", Base::Ip, false),
    ("NotIpAddress", Base::Ip, true),
];

/// Those that only AWS has.
const AWS: [(&str, Base, bool); 5] = [
    ("ArnEquals", Base::Arn, false),
    ("ArnNotEquals", Base::Arn, true),
    ("ArnLike", Base::Arn, false),
    ("ArnNotLike", Base::Arn, true),
    ("Null", Base::Null, false),
];

/// Every operator's name, for suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMON.iter().chain(&AWS).map(|(name, _, _)| *name)
}

impl Operator {
    /// The operator of a name.
    pub(super) fn of(name: &str, dialect: Dialect) -> Result<Self, NoOperator> {
        use NoOperator::{Unknown, Unsupported};
        if name.starts_with("ForAllValues:") || name.starts_with("ForAnyValue:") {
            return Err(Unsupported("our context has one value for each key"));
        }
        if name.starts_with("Binary") {
            return Err(Unsupported("our context has no binary values"));
        }
        let (plain, if_exists) = match name.strip_suffix("IfExists") {
            Some(plain) => (plain, true),
            None => (name, false),
        };
        let in_table = |table: &[(&str, Base, bool)]| {
            let found = table.iter().find(|(name, _, _)| *name == plain);
            found.map(|(_, base, negated)| (*base, *negated))
        };
        let (base, negated) = match (in_table(&COMMON), in_table(&AWS)) {
            (Some(common), _) => common,
            (None, Some((Base::Null, _))) if if_exists => return Err(Unknown),
            (None, Some(aws)) => aws,
            (None, None) => return Err(Unknown),
        };
        if dialect == Dialect::Ram && (if_exists || base == Base::Null) {
            return Err(Unsupported("RAM refuses it as well"));
        }
        if dialect == Dialect::Ram && base == Base::Arn {
            return Err(Unsupported("RAM has no operators for names of resources"));
        }
        Ok(Self {
            base,
            negated,
            if_exists,
        })
    }

    /// Whether it compares values of a type.
    pub(super) fn fits(self, ty: &Type) -> bool {
        match self.base {
            Base::Text | Base::AnyCase | Base::Like => matches!(
                ty,
                Type::Text
                    | Type::Phone
                    | Type::Email
                    | Type::Country
                    | Type::AccountId
                    | Type::OneOf(_)
            ),
            Base::Arn => *ty == Type::Text,
            Base::Number(_) => *ty == Type::Int,
            Base::Date(_) => *ty == Type::Time,
            Base::Bool => *ty == Type::Bool,
            Base::Ip => *ty == Type::Ip,
            Base::Null => true,
        }
    }

    /// How a key is declared that it compares.
    pub(super) fn type_name(self) -> &'static str {
        match self.base {
            Base::Text | Base::AnyCase | Base::Like | Base::Arn | Base::Null => "text",
            Base::Number(_) => "int",
            Base::Date(_) => "time",
            Base::Bool => "bool",
            Base::Ip => "ip",
        }
    }
}
