//! Starts the command line.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    stateward_cli::run(std::env::args_os(), stateward_cli::Io::of_process())
}
