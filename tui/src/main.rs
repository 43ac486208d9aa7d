//! The program `tachiai`.

fn main() -> std::process::ExitCode {
    tachiai::cli::main()
}
