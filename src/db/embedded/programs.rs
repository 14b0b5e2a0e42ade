//! Where PostgreSQL's server programs are.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::EmbeddedError;
use super::cluster::Cluster;

/// Where packages put the server programs when not on the `PATH`, a folder for each version: the parent folder, what
/// stands before the version in the folder's name, and the folder inside.
const PRIVATE_FOLDERS: [(&str, &str, &str); 8] = [
    ("usr/lib/postgresql", "", "bin"),          // Debian, Ubuntu
    ("usr", "pgsql-", "bin"),                   // Fedora, Red Hat (PostgreSQL's own packages)
    ("usr/lib", "postgresql", "bin"),           // openSUSE
    ("usr/lib64", "postgresql-", "bin"),        // Gentoo
    ("usr/libexec", "postgresql", ""),          // Alpine
    ("opt/homebrew/opt", "postgresql@", "bin"), // macOS, Homebrew
    ("usr/local/opt", "postgresql@", "bin"),    // the same on Intel
    ("Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// The folders that hold `initdb` and `postgres`, the preferred first.
#[derive(Clone, Debug)]
pub struct ServerPrograms {
    folders: Vec<PathBuf>,
}

impl ServerPrograms {
    /// Looks in `pg_bindir` alone where it is given; else along the search `path`, then where packages put them, the
    /// newest version first.
    pub fn find(pg_bindir: Option<&Path>, path: Option<&OsStr>) -> Result<Self, EmbeddedError> {
        Self::find_on(Path::new("/"), pg_bindir, path)
    }

    fn find_on(system: &Path, pg_bindir: Option<&Path>, path: Option<&OsStr>) -> Result<Self, EmbeddedError> {
        if let Some(folder) = pg_bindir {
            return Self::among([folder.to_owned()])
                .ok_or_else(|| EmbeddedError::NoServerProgramsIn(folder.to_owned()));
        }
        let along_path = std::env::split_paths(path.unwrap_or_default()).filter(|folder| folder.is_absolute());
        Self::among(along_path.chain(private_folders(system))).ok_or(EmbeddedError::NoServerPrograms)
    }

    fn among(candidates: impl IntoIterator<Item = PathBuf>) -> Option<Self> {
        let holds_both = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
        let folders: Vec<_> = candidates.into_iter().filter(holds_both).collect();
        (!folders.is_empty()).then_some(Self { folders })
    }

    /// The folder to use for a cluster: a major version of PostgreSQL does not read the data of another.
    pub(super) fn for_data(&self, cluster: &Cluster) -> Result<&Path, EmbeddedError> {
        let Ok(version) = fs::read_to_string(cluster.data().join("PG_VERSION")) else {
            return Ok(&self.folders[0]);
        };
        let version = version.trim();
        self.folders
            .iter()
            .find(|folder| major_version(&folder.join("postgres")).as_deref() == Some(version))
            .map(PathBuf::as_path)
            .ok_or_else(|| EmbeddedError::OtherVersion { folder: cluster.folder.clone(), version: version.to_owned() })
    }
}

fn private_folders(system: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (parent, prefix, inside) in PRIVATE_FOLDERS {
        for entry in fs::read_dir(system.join(parent)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let version = name.to_str().and_then(|name| name.strip_prefix(prefix)?.parse::<u32>().ok());
            found.extend(version.map(|version| (version, entry.path().join(inside))));
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// `15` for a program that calls itself "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)".
fn major_version(postgres: &Path) -> Option<String> {
    let output = Command::new(postgres).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let number = text.split_whitespace().nth(2)?;
    Some(number.chars().take_while(char::is_ascii_digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for program in ["initdb", "postgres"] {
            fs::write(folder.join(program), "").unwrap();
        }
    }

    #[test]
    fn the_search_path_comes_first_and_then_the_newest_version() {
        let system = tempfile::tempdir().unwrap();
        let folder = |path: &str| system.path().join(path);
        for path in ["usr/lib/postgresql/9/bin", "usr/lib/postgresql/15/bin", "usr/pgsql-17/bin", "usr/local/bin"] {
            install(&folder(path));
        }
        fs::create_dir_all(folder("usr/lib/postgresql/18/bin")).unwrap();
        let path = std::env::join_paths([folder("usr/bin"), folder("usr/local/bin")]).unwrap();

        let found = ServerPrograms::find_on(system.path(), None, Some(&path)).unwrap().folders;
        let wanted = ["usr/local/bin", "usr/pgsql-17/bin", "usr/lib/postgresql/15/bin", "usr/lib/postgresql/9/bin"];
        assert_eq!(found, wanted.map(folder));
        let found = ServerPrograms::find_on(system.path(), Some(&folder("usr/pgsql-17/bin")), Some(&path)).unwrap();
        assert_eq!(found.folders, [folder("usr/pgsql-17/bin")]);
    }

    #[test]
    fn a_system_without_them_is_told_what_to_install() {
        let system = tempfile::tempdir().unwrap();
        let path = Some(system.path().as_os_str());
        let error = ServerPrograms::find_on(system.path(), None, path).unwrap_err();
        assert!(matches!(error, EmbeddedError::NoServerPrograms), "{error}");
        let error = ServerPrograms::find_on(system.path(), Some(system.path()), path).unwrap_err();
        assert!(matches!(error, EmbeddedError::NoServerProgramsIn(_)), "{error}");
    }
}
