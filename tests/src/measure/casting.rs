//! x
pub struct Load;
pub fn measure_appliance() {}
