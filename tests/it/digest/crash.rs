//! The worker is killed again and again while it sends, and the mail server fails at random.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use chrono::Utc;
use uuid::Uuid;

use super::{Desk, last_week};
use crate::support::smtp::Faults;

/// How many subscribe.
const READERS: i64 = 2000;

/// Subscribers who have confirmed, each with an address of its own.
async fn readers(desk: &Desk, number: i64) {
    let pool = desk.database.pool();
    sqlx::query(
        "INSERT INTO addresses (id, channel, address, created_at)
         SELECT gen_random_uuid(), 'mail', 'reader' || n || '@host' || n % 7 || '.example', now() FROM generate_series(1, $1) n",
    )
    .bind(number)
    .execute(pool)
    .await
    .unwrap();
    sqlx::query(
        "WITH made AS (
             INSERT INTO subscriptions (id, query, wish, cadence, weekday, hour, zone, format, when_quiet, next_at, created_at)
             SELECT id, '', '{}', 'weekly', 1, 7, 'UTC', 'both', true, now(), now() FROM addresses RETURNING id)
         INSERT INTO recipients (id, subscription_id, address_id, confirmed_at, created_at)
         SELECT id, id, id, now(), now() FROM made",
    )
    .execute(pool)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_an_issue_twice_however_often_the_worker_is_killed() {
    let desk = Desk::new().await;
    desk.tell("one", &last_week(), "Corvid AI", "Tundra Cloud", 7).await;
    readers(&desk, READERS).await;
    desk.mail.fail(Faults { later: 40, drop_before_dot: 150, drop_after_dot: 150 });
    let pool = desk.database.pool();
    let unsettled = || async {
        let count: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM subscriptions WHERE next_at <= now())
                    + (SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending'))",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        count
    };

    let mut kills = 0_usize;
    // What each worker dies of: so many milliseconds after it began to send.
    let mut moments = [40_u64, 350, 120, 1500, 15, 700, 3000, 250, 90, 6000].into_iter().cycle();
    while unsettled().await > 0 {
        let worker = desk.worker();
        let before = desk.mail.taken().len();
        for _ in 0..600 {
            if desk.mail.taken().len() > before || unsettled().await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(moments.next().unwrap())).await;
        worker.kill();
        kills += 1;
        assert!(kills < 200, "{} are unsettled after {kills} kills", unsettled().await);
        // Nobody waits out the time after which something is tried again. Of the last ones, those in hand are swept by the
        // next worker.
        sqlx::query("UPDATE deliveries SET due_at = now() WHERE state = 'waiting'").execute(pool).await.unwrap();
    }
    assert!(kills >= 3, "the worker was killed {kills} times only");

    let taken = desk.mail.taken();
    let accepted: HashSet<String> = taken.iter().map(|mail| mail.to.clone()).collect();
    assert_eq!(taken.len(), accepted.len(), "somebody got the issue twice");
    let names: HashSet<Option<String>> = taken.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(names.len(), taken.len());
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT a.address, d.state FROM deliveries d JOIN recipients r ON r.id = d.recipient_id JOIN addresses a ON a.id = r.address_id
         WHERE d.kind = 'issue'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert_eq!(i64::try_from(rows.len()).unwrap(), READERS);
    let mut states: HashMap<&str, usize> = HashMap::new();
    for (address, state) in &rows {
        *states.entry(state).or_default() += 1;
        match state.as_str() {
            "sent" => assert!(accepted.contains(address), "the ledger says that {address} was sent the issue"),
            // Nobody can tell; it is marked, and nobody was sent it twice.
            "uncertain" => {}
            state => {
                panic!("{address} is {state}, and was{} accepted", if accepted.contains(address) { "" } else { " not" })
            }
        }
    }
    // No more is uncertain than what was under way: four lines at each kill, and the lines that the server broke.
    let under_way = 4 * kills + usize::try_from(desk.mail.drops()).unwrap();
    assert!(desk.mail.drops() > 0 && (1..=under_way).contains(&states["uncertain"]), "{states:?}, {under_way}");
    println!("{kills} kills, {states:?}, {} accepted", accepted.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_at_which_no_worker_ran_is_made_up_for_once() {
    let desk = Desk::new().await;
    desk.tell("one", &last_week(), "Corvid AI", "Tundra Cloud", 7).await;
    readers(&desk, 3).await;
    // Their hour was days ago, and there were two of them since.
    sqlx::query("UPDATE subscriptions SET next_at = now() - interval '15 days'")
        .execute(desk.database.pool())
        .await
        .unwrap();
    for _ in 0..2 {
        assert!(desk.wattline(&["digest", "send"]).status().unwrap().success());
    }
    assert_eq!(desk.mail.taken().len(), 3);
    assert_eq!(desk.deliveries("issue", "sent").await, 3);
    let due: Vec<bool> =
        sqlx::query_scalar("SELECT next_at > now() FROM subscriptions").fetch_all(desk.database.pool()).await.unwrap();
    assert_eq!(due, [true; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_worker_had_in_hand_is_uncertain_and_stays_so() {
    let desk = Desk::new().await;
    desk.tell("one", &last_week(), "Corvid AI", "Tundra Cloud", 7).await;
    readers(&desk, 2).await;
    let mut db = desk.database.pool().acquire().await.unwrap();
    let now = Utc::now();
    wattline::jobs::digest::plan(&mut db, wattline::ledger::quiet::Patience::default(), now).await.unwrap();
    // A worker that says nowhere that it lives.
    let claimed = wattline::db::deliveries::claim(&mut db, 7, &[true], now).await.unwrap().unwrap();
    assert!(desk.wattline(&["digest", "send"]).status().unwrap().success());
    assert_eq!(desk.mail.taken().len(), 1);
    let state: String = sqlx::query_scalar("SELECT state FROM deliveries WHERE id = $1")
        .bind(claimed.id as Uuid)
        .fetch_one(&mut *db)
        .await
        .unwrap();
    assert_eq!(state, "uncertain");
}
