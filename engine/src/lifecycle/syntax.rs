//! The YAML files of a lifecycle as types: what may be written where.
//!
//! The documentation of each field is what editors show while a file is written: it becomes the
//! description in the JSON Schema.

mod account;
mod edition;
mod forms;
mod schema;
#[cfg(test)]
mod tests;
mod workflow;

pub use account::{
    AccountFile, AttributeForm, BeginForm, CallerForm, CodesForm, FactForm, ParameterForm,
    PrincipalKindForm, QuotaForm, ReadForm, ThrottleForm, VerificationForm,
};
pub use edition::{EditionFile, MigrationForm};
pub use forms::{ExpressionText, Length, OneOrMany, Per, Period, ScalarText, Short, ShortForm};
pub use schema::schema;
pub use workflow::{
    CooldownForm, FreezeForm, GuardForm, InputForm, NoticeForm, RestoreForm, StateForm, StepForm,
    TransitionForm, WorkflowFile,
};
