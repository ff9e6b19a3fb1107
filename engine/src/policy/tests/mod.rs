//! Policies as people meet them: the domain's cases, the semantics, what is refused, and what is
//! hostile.

mod hostile;
mod refused;
mod semantics;
mod world;
