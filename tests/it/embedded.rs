//! The embedded database, with real processes that are killed in every way.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use uuid::Uuid;
use wattline::db::embedded::{APPLICATION_DATABASE, Durability, EmbeddedError, EmbeddedPostgres};

use crate::support::database::{WATTLINE, server_programs};
use crate::support::program::{self, OpenFolder, Program};

/// Not a test: the body of the processes that the tests start. It does nothing else.
#[tokio::test]
async fn a_program_for_the_other_tests() {
    program::as_told_by_the_environment().await;
}

#[test]
fn programs_that_start_at_once_on_a_new_folder_share_one_server() {
    let folder = OpenFolder::new();
    let programs: Vec<_> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| Program::start(folder.path()).unwrap())).collect();
        starting.into_iter().map(|program| program.join().unwrap()).collect()
    });
    let servers: HashSet<_> = programs.iter().map(|program| program.server).collect();
    assert_eq!(servers.len(), 1);
    assert_eq!(programs.iter().filter(|program| !program.joined).count(), 1);
    for program in &programs {
        program.commits(10);
    }
}

#[test]
fn the_server_ends_with_its_last_user_and_not_with_its_first() {
    let folder = OpenFolder::new();
    let first = Program::start(folder.path()).unwrap();
    let second = Program::start(folder.path()).unwrap();
    assert!(!first.joined && second.joined);
    first.kill();
    std::thread::sleep(Duration::from_millis(500));
    second.catch_up();
    second.commits(100);
    let third = Program::start(folder.path()).unwrap();
    assert_eq!((third.joined, third.server), (true, second.server));
    second.end();
    third.commits(10);
    assert!(is_running(folder.path()));
    third.kill();
    wait_until_stopped(folder.path());
}

#[tokio::test]
async fn a_program_that_was_killed_starts_again_with_all_it_had_committed() {
    let folder = OpenFolder::new();
    let mut committed = Vec::new();
    for _ in 0..5 {
        let program = Program::start(folder.path()).unwrap();
        committed.extend(program.commits(100));
        committed.extend(program.kill());
    }
    assert_all_there(folder.path(), &committed).await;
}

#[tokio::test]
async fn nothing_committed_is_lost_when_program_and_server_are_killed_under_load() {
    let folder = OpenFolder::new();
    let mut committed = Vec::new();
    for _ in 0..4 {
        let program = Program::start(folder.path()).unwrap();
        assert!(!program.joined);
        committed.extend(program.commits(300));
        kill_process(Pid::from_raw(program.server).unwrap(), Signal::KILL).unwrap();
        committed.extend(program.kill());
    }
    assert_all_there(folder.path(), &committed).await;
}

/// A keeper takes no notice of what ends its users; after a SIGKILL its server is stopped by the next user.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_whose_keeper_was_killed_is_replaced_by_one_that_is_kept() {
    let folder = OpenFolder::new();
    let program = Program::start(folder.path()).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", program.server)).unwrap();
    let keeper = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap().trim().parse().unwrap();
    let keeper = Pid::from_raw(keeper).unwrap();

    kill_process(keeper, Signal::TERM).unwrap();
    kill_process(keeper, Signal::INT).unwrap();
    let mut committed = program.commits(100);
    kill_process(keeper, Signal::KILL).unwrap();
    committed.extend(program.kill());
    assert!(is_running(folder.path()));

    let next = Program::start(folder.path()).unwrap();
    assert!(!next.joined);
    committed.extend(next.commits(10));
    committed.extend(next.kill());
    wait_until_stopped(folder.path());
    assert_all_there(folder.path(), &committed).await;
}

#[test]
fn a_program_killed_at_any_moment_of_its_first_start_starts_the_next_time() {
    let folder = OpenFolder::new();
    let left_over = folder.path().join("new-half-made");
    fs::create_dir(&left_over).unwrap();
    for milliseconds in [10, 100, 300, 600, 900, 1200] {
        Program::kill_while_it_starts(folder.path(), Duration::from_millis(milliseconds));
    }
    let program = Program::start(folder.path()).unwrap();
    program.commits(10);
    program.end();
    assert!(!left_over.exists());
    assert!(!is_running(folder.path()));
}

#[tokio::test]
async fn any_folder_serves_whose_path_is_not_too_long_for_a_socket() {
    let folder = OpenFolder::new();
    let named = |length| folder.path().join(format!("a \"b\", c's é {}", "x".repeat(length)));
    let error = start(&named(100)).await.unwrap_err();
    let EmbeddedError::PathTooLong { excess, .. } = error else { panic!("{error}") };
    let error = start(&named(101 - excess)).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::PathTooLong { excess: 1, .. }), "{error}");

    let postgres = start(&named(100 - excess)).await.unwrap();
    let options = postgres.options(APPLICATION_DATABASE);
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    let (encoding, ctype): (String, String) = sqlx::query_as("SELECT current_setting('server_encoding'), lower('É')")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!((encoding.as_str(), ctype.as_str()), ("UTF8", "é"));
    postgres.stop().await;
}

/// Started by root, the server runs as another; started by another, as that one. Run by root, this tests both.
#[test]
fn the_server_never_runs_as_root() {
    let folder = OpenFolder::new();
    let program = Program::start(folder.path()).unwrap();
    program.commits(10);
    program.end();
    let owner = fs::metadata(folder.path().join("data")).unwrap().uid();
    let me = rustix::process::geteuid().as_raw();
    if me != 0 {
        assert_eq!(owner, me);
        return;
    }
    assert_ne!(owner, 0);

    let (folder, copies, uid) = (OpenFolder::new(), OpenFolder::new(), 65534);
    chown(folder.path(), Some(uid), Some(uid)).unwrap();
    let program = Program::start_as(uid, copies.path(), folder.path()).unwrap();
    program.commits(10);
    assert_eq!(fs::metadata(folder.path().join("data")).unwrap().uid(), uid);
    program.end();
    assert!(!is_running(folder.path()));

    // What another made, root uses as that other.
    let program = Program::start(folder.path()).unwrap();
    program.commits(10);
    program.end();
    assert_eq!(fs::metadata(folder.path().join("data")).unwrap().uid(), uid);

    // Neither may it write where it must not.
    let closed = OpenFolder::new();
    let complaint = Program::start_as(uid, copies.path(), &closed.path().join("new")).err().unwrap();
    assert!(complaint.contains("cannot be written"), "{complaint}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let folder = OpenFolder::new();
    let in_the_way = folder.path().join("file");
    fs::write(&in_the_way, "").unwrap();
    let error = start(&in_the_way.join("data")).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::NotWritable { .. }), "{error}");
    assert!(error.to_string().contains(in_the_way.to_str().unwrap()), "{error}");

    if !rustix::process::geteuid().is_root() {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
        let error = start(&folder.path().join("new")).await.unwrap_err();
        assert!(matches!(error, EmbeddedError::NotWritable { .. }), "{error}");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[tokio::test]
async fn a_folder_that_the_servers_account_cannot_enter_is_named() {
    if !rustix::process::geteuid().is_root() {
        // Only root runs the server as somebody else.
        return;
    }
    let closed = OpenFolder::new();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let error = start(&closed.path().join("data")).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::OutOfReach { .. }), "{error}");
}

#[tokio::test]
async fn data_of_another_version_is_not_touched() {
    let folder = OpenFolder::new();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/PG_VERSION"), "9\n").unwrap();
    let error = start(folder.path()).await.unwrap_err();
    assert!(matches!(&error, EmbeddedError::OtherVersion { version, .. } if version == "9"), "{error}");
}

async fn start(folder: &Path) -> Result<EmbeddedPostgres, EmbeddedError> {
    EmbeddedPostgres::start(folder, Durability::Durable, &server_programs(), WATTLINE.as_ref()).await
}

async fn assert_all_there(folder: &Path, committed: &[Uuid]) {
    let postgres = start(folder).await.unwrap();
    let pool = sqlx::PgPool::connect_with(postgres.options(APPLICATION_DATABASE)).await.unwrap();
    let found: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM written").fetch_all(&pool).await.unwrap();
    let found: HashSet<_> = found.into_iter().collect();
    let lost: Vec<_> = committed.iter().filter(|id| !found.contains(id)).collect();
    assert!(lost.is_empty(), "{} of {} are lost", lost.len(), committed.len());
    pool.close().await;
    postgres.stop().await;
}

/// A server removes the file when it has shut down in order.
fn is_running(folder: &Path) -> bool {
    folder.join("data/postmaster.pid").exists()
}

fn wait_until_stopped(folder: &Path) {
    let start = Instant::now();
    while is_running(folder) {
        assert!(start.elapsed() < Duration::from_secs(20), "the server still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
}
