//! The witness's program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tachiai_witness::cli::main()
}
