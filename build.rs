//! Makes a new migration count as a change: `sqlx::migrate!` alone sees changes of those that it has read.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
