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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_folder_is_the_platforms() {
        let home = Some(Path::new("/home/ada"));
        assert_eq!(default_data_folder(true, None, home), Some("/var/lib/wattline".into()));
        assert_eq!(default_data_folder(false, None, None), None);
        if cfg!(target_os = "macos") {
            let folder = "/home/ada/Library/Application Support/wattline";
            assert_eq!(default_data_folder(false, None, home), Some(folder.into()));
        } else {
            let default = Some("/home/ada/.local/share/wattline".into());
            assert_eq!(default_data_folder(false, None, home), default);
            assert_eq!(default_data_folder(false, Some(Path::new("relative")), home), default);
            assert_eq!(default_data_folder(false, Some(Path::new("/x")), home), Some("/x/wattline".into()));
        }
    }
}
