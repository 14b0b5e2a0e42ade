//! Who may subscribe whom, and what an address can do about it.

use axum::http::StatusCode;

use super::{Desk, Page, last_week};

impl Desk {
    /// Subscribes an address and confirms it; returns the path of its preferences.
    pub async fn subscriber(&self, form: &str) -> String {
        let before = self.mail.taken().len();
        assert_eq!(self.post("/digest", form).await.status, StatusCode::OK);
        self.send();
        let letter = self.mail.taken().pop().filter(|_| self.mail.taken().len() > before).expect("a letter");
        let page = self.post(&letter.path("confirm"), "").await;
        let at = page.html.find("/digest/preferences/").unwrap_or_else(|| panic!("{}", page.html));
        page.html[at..].split('"').next().unwrap().to_owned()
    }

    /// Sends what is due.
    pub fn send(&self) {
        assert!(self.wattline(&["digest", "send"]).status().unwrap().success());
    }

    async fn count(&self, table: &'static str) -> i64 {
        let query = match table {
            "addresses" => "SELECT count(*) FROM addresses",
            "recipients" => "SELECT count(*) FROM recipients",
            "subscriptions" => "SELECT count(*) FROM subscriptions",
            _ => panic!("{table}"),
        };
        sqlx::query_scalar(query).fetch_one(self.database.pool()).await.unwrap()
    }
}

fn told(page: &Page) -> (StatusCode, &str) {
    (page.status, &page.html)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_tell_whether_an_address_is_subscribed() {
    let desk = Desk::new().await;
    desk.subscriber("email=ada%40reader.example").await;
    let (known, new) = (
        desk.post("/digest", "email=ada%40reader.example").await,
        desk.post("/digest", "email=bob%40reader.example").await,
    );
    assert_eq!(told(&known), told(&new));
    desk.send();
    let mut letters: Vec<_> = desk.mail.taken().iter().skip(1).map(|mail| (mail.to.clone(), mail.subject())).collect();
    letters.sort();
    let letter = |to: &str, subject: &str| (to.to_owned(), subject.to_owned());
    assert_eq!(
        letters,
        [
            letter("ada@reader.example", "You get the Wattline digest already"),
            letter("bob@reader.example", "Confirm your Wattline digest")
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_or_no_filter_is_told_and_kept_in_the_form() {
    let desk = Desk::new().await;
    for (form, sentence) in [
        ("email=ada", "not a whole mail address"),
        ("email=", "type a mail address"),
        ("email=ada%40reader.example%0d%0aBcc%3a+all%40reader.example", "not a whole mail address"),
        ("email=ada%40reader.example&company=Nobody+Inc", "No company here goes by"),
        ("email=ada%40reader.example&min_usd=lots", "not a sum in dollars"),
        ("email=ada%40reader.example&zone=Atlantis", "not a time zone"),
    ] {
        let page = desk.post("/digest", form).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{form}");
        assert!(page.html.contains(sentence), "{form}: {}", page.html);
    }
    assert_eq!(desk.count("addresses").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_fill_in_every_field_are_told_what_people_are_told() {
    let desk = Desk::new().await;
    let (bot, person) = (
        desk.post("/digest", "email=bot%40reader.example&website=https%3a%2f%2fspam.example").await,
        desk.post("/digest", "email=ada%40reader.example").await,
    );
    assert_eq!(told(&bot), told(&person));
    assert_eq!(desk.count("addresses").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_cannot_subscribe_a_whole_list_nor_one_address_be_flooded() {
    let desk = Desk::new().await;
    for n in 0..10 {
        let filter = ["compute", "power", "debt", "lease", "land"][n % 5];
        let page = desk.post("/digest", &format!("email=ada%40reader.example&kind={filter}&min_usd={n}bn")).await;
        assert_eq!(page.status, StatusCode::OK, "{n}");
    }
    assert_eq!(desk.post("/digest", "email=bob%40reader.example").await.status, StatusCode::TOO_MANY_REQUESTS);
    desk.send();
    assert_eq!(desk.mail.taken().len(), 4, "an address gets four letters a day");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_latest_link_confirms_and_only_for_two_days() {
    let desk = Desk::new().await;
    desk.post("/digest", "email=ada%40reader.example").await;
    desk.send();
    desk.post("/digest", "email=ada%40reader.example").await;
    desk.send();
    let [old, new] = [0, 1].map(|at: usize| desk.mail.taken()[at].path("confirm"));
    assert_eq!(desk.post(&old, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get(&old).await.status, StatusCode::NOT_FOUND);
    assert!(desk.post(&new, "").await.html.contains("You are subscribed"));
    assert!(desk.post(&new, "").await.status == StatusCode::NOT_FOUND || desk.get(&new).await.status == StatusCode::OK);
    for token in ["x", "AQ", "AwAAAAAAAAAAAAAAAAAAAAAAAAAAbAW_nd3XNvhPKH1gDCzhmw"] {
        assert_eq!(desk.post(&format!("/digest/confirm/{token}"), "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.get(&format!("/digest/preferences/{token}")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_changes_what_comes_and_when_and_where() {
    let desk = Desk::new().await;
    let path = desk.subscriber("email=ada%40reader.example").await;
    let page = desk.get(&path).await;
    assert!(page.html.contains("All deals, every Monday at 07:00 (UTC)"), "{}", page.html);
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers["cache-control"], "no-store");

    let form = "cadence=daily&hour=18&zone=Asia%2FTokyo&format=text&company=OpenAI&kind=compute&kind=power&min_usd=1bn";
    assert_eq!(desk.post(&path, form).await.status, StatusCode::SEE_OTHER);
    let page = desk.get(&path).await;
    assert!(page.html.contains("every day at 18:00 (Asia/Tokyo)"), "{}", page.html);
    let (query, quiet): (String, bool) =
        sqlx::query_as("SELECT query, when_quiet FROM subscriptions").fetch_one(desk.database.pool()).await.unwrap();
    assert_eq!((query.as_str(), quiet), ("company=OpenAI&kind=compute&kind=power&min_usd=1bn", false));
    let wrong = desk.post(&path, "hour=25&kind=rockets").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);

    // A new address takes the old one's place once it is confirmed.
    let letters = desk.mail.taken().len();
    desk.post(&format!("{path}/address"), "email=ada%40new.example").await;
    desk.send();
    assert_eq!(desk.count("recipients").await, 2);
    let letter = desk.mail.taken().remove(letters);
    assert_eq!(letter.to, "ada@new.example");
    assert!(desk.post(&letter.path("confirm"), "").await.html.contains("You are subscribed"));
    let addresses: Vec<String> =
        sqlx::query_scalar("SELECT address FROM addresses").fetch_all(desk.database.pool()).await.unwrap();
    assert_eq!(addresses, ["ada@new.example"]);
    assert_eq!(desk.count("subscriptions").await, 1);
    assert_eq!(desk.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_has_several_addresses_of_which_each_confirms_and_leaves_by_itself() {
    let desk = Desk::new().await;
    desk.tell("one", &last_week(), "Corvid AI", "Tundra Cloud", 7).await;
    let path = desk.subscriber("email=ada%40reader.example").await;
    desk.post(&format!("{path}/address"), "email=bob%40reader.example&also=1").await;
    desk.post(&format!("{path}/address"), "email=eve%40reader.example&also=1").await;
    desk.send();
    let bob = desk.mail.taken().into_iter().find(|mail| mail.to == "bob@reader.example").unwrap();
    desk.post(&bob.path("confirm"), "").await;
    desk.let_the_hour_come().await;
    desk.send();
    let issues: Vec<_> = desk.mail.taken().into_iter().filter(|mail| mail.subject().contains("new deal")).collect();
    let mut readers: Vec<&str> = issues.iter().map(|mail| mail.to.as_str()).collect();
    readers.sort_unstable();
    assert_eq!(readers, ["ada@reader.example", "bob@reader.example"], "eve has not confirmed");
    let bobs = issues.iter().find(|mail| mail.to == "bob@reader.example").unwrap();
    desk.post(&bobs.path("unsubscribe"), "List-Unsubscribe=One-Click").await;
    assert_eq!((desk.count("recipients").await, desk.count("subscriptions").await), (2, 1));
    assert_eq!(desk.get(&path).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_takes_the_data_along_and_has_it_deleted() {
    let desk = Desk::new().await;
    let path = desk.subscriber("email=ada%40reader.example&kind=power").await;
    let data: serde_json::Value = serde_json::from_str(&desk.get(&format!("{path}/data.json")).await.html).unwrap();
    assert_eq!(
        (&data["address"], &data["subscriptions"][0]["filter"]),
        (&"ada@reader.example".into(), &"kind=power".into())
    );
    assert_eq!(data["subscriptions"][0]["sent"][0]["what"], "confirm");
    assert_eq!(desk.get(&format!("{path}/delete")).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(desk.post(&format!("{path}/delete"), "").await.html.contains("You are forgotten"));
    for table in ["addresses", "recipients", "subscriptions"] {
        assert_eq!(desk.count(table).await, 0, "{table}");
    }
    // No table holds the address in any column, the ledger of what was sent included.
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('SELECT count(*) FROM %I.%I t WHERE t::text LIKE ''%%ada@reader%%''', schemaname, tablename)
         FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(desk.database.pool())
    .await
    .unwrap();
    for query in tables {
        let found: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query.clone())).fetch_one(desk.database.pool()).await.unwrap();
        assert_eq!(found, 0, "{query}");
    }
}
