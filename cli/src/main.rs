//! Starts the command line.

fn main() -> std::process::ExitCode {
    stateward_cli::run(std::env::args_os(), stateward_cli::Io::of_process())
}
