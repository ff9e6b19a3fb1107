//! What a crash leaves: a recorded run of the shipped lifecycle, cut short at every operation of its
//! disk, must be found again as it was acknowledged, and nothing half done.

mod commands;
mod failing;
mod kill;
mod mutants;
mod power;
mod recording;
mod service;
mod workload;
