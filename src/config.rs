//! Every option and environment variable, documented once.

use std::path::{Path, PathBuf};

/// Where the program keeps its data if it is not told: what the platform says, or `None` where there is no home.
///
/// `xdg_data_home` and `home` are the variables `XDG_DATA_HOME` and `HOME`. A relative `XDG_DATA_HOME` does not count,
/// as the XDG Base Directory Specification says.
pub fn default_data_folder(is_root: bool, xdg_data_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    if is_root {
        return Some("/var/lib/wattline".into());
    }
    let home = home.filter(|home| home.is_absolute());
    if cfg!(target_os = "macos") {
        return home.map(|home| home.join("Library/Application Support/wattline"));
    }
    match xdg_data_home.filter(|folder| folder.is_absolute()) {
        Some(folder) => Some(folder.join("wattline")),
        None => home.map(|home| home.join(".local/share/wattline")),
    }
}
