//! Elections: boards that anyone can check, and the private journals behind them.

pub mod roll;
