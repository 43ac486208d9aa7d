//! Elections: boards that anyone can check, and the private journals behind them.

pub mod blobs;
pub mod decide;
pub mod draft;
pub mod files;
pub mod ledger;
pub mod pool;
pub mod private;
pub mod roll;
pub mod slots;
pub mod state;
pub mod views;
