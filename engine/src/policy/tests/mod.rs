//! Policies as people meet them: the domain's cases, the semantics, what is refused, and what is
//! hostile.

mod cedar;
mod conditions;
mod domain;
mod explained;
mod formatted;
mod hostile;
mod index;
mod principals;
mod refused;
mod semantics;
mod stages;
mod world;
