//! Every page at every width, light and dark.

use wattline::digest::{links::signing_key, token::Purpose};

use super::{Browser, Served, Theme};

/// The widths at which the pages are looked at: a phone, a tablet, a desk.
const WIDTHS: [u32; 3] = [360, 768, 1280];

/// The pages, each with the name of its pictures. A part in braces is filled in from the archive.
const PAGES: [(&str, &str); 38] = [
    ("timeline", "/"),
    ("timeline-filtered", "/?kind=power&status=signed&min_mw=100&stack=certainty"),
    ("timeline-empty", "/?kind=ipo&country=NO&min_usd=900bn"),
    ("timeline-problem", "/?min_usd=plenty&company=Opnai"),
    ("timeline-sorted", "/?sort=mw&from=2025"),
    ("timeline-past", "/?as_of=2025-06-30"),
    ("deal", "/deals/{the deal of most publishers}"),
    ("deal-umbrella", "/deals/{the deal of most parts}"),
    ("companies", "/companies"),
    ("companies-sorted", "/companies?sort=mw&category=utility"),
    ("company", "/companies/openai"),
    ("company-payee", "/companies/coreweave?stack=certainty"),
    ("compare", "/compare?c=openai&c=microsoft&c=coreweave"),
    ("compare-empty", "/compare?c=Opnai"),
    ("network", "/network"),
    ("network-circle", "/network?circle=amazon~openai&payer=openai&payee=oracle"),
    ("network-empty", "/network?min_usd=900tn"),
    ("places", "/places"),
    ("places-dollars", "/places?measure=dollars&kind=build"),
    ("search", "/search?q=nuclear"),
    ("search-misspelt", "/search?q=Antropic"),
    ("search-narrowed", "/search?q=nuclear+kind:power+mw%3E100+before:2026"),
    ("search-nothing", "/search?q=xyzzyplugh+mw%3Eplenty"),
    ("search-help", "/search"),
    ("news", "/news"),
    ("theme", "/themes/power"),
    ("article", "/articles/{the article of most claims}"),
    ("digest", "/digest"),
    ("digest-filtered", "/digest?company=OpenAI&kind=compute&min_usd=1bn"),
    ("digest-issue", "/digest/2026-W17"),
    ("digest-preferences", "/digest/preferences/{the token of a subscriber}"),
    ("digest-unsubscribe", "/digest/unsubscribe/{the token of one who leaves}"),
    ("sources", "/sources"),
    ("method", "/method"),
    ("data", "/data"),
    ("api", "/api"),
    ("embed", "/embed/timeline?kind=compute"),
    ("lost", "/nowhere"),
];

/// The token of somebody who subscribes.
async fn subscriber(served: &Served, purpose: Purpose) -> String {
    let pool = served.database.pool();
    for statement in [
        "INSERT INTO addresses (id, channel, address, created_at)
         VALUES (md5('a')::uuid, 'mail', 'ada@reader.example', now()) ON CONFLICT DO NOTHING",
        "INSERT INTO subscriptions (id, query, wish, cadence, weekday, hour, zone, format, when_quiet, next_at, created_at)
         VALUES (md5('s')::uuid, 'company=OpenAI&kind=compute', '{}', 'weekly', 1, 7, 'Europe/Berlin', 'both', true,
                 '2026-11-30 06:00Z', now()) ON CONFLICT DO NOTHING",
        "INSERT INTO recipients (id, subscription_id, address_id, confirmed_at, created_at)
         VALUES (md5('r')::uuid, md5('s')::uuid, md5('a')::uuid, now(), now()) ON CONFLICT DO NOTHING",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    let recipient: uuid::Uuid = sqlx::query_scalar("SELECT id FROM recipients").fetch_one(pool).await.unwrap();
    let key = signing_key(&mut pool.acquire().await.unwrap()).await.unwrap();
    key.sign(purpose, recipient, 0)
}

/// Fills in what differs from one reading of the archive to the next.
async fn filled_in(served: &Served, path: &str) -> String {
    let Some((before, rest)) = path.split_once('{') else { return path.to_owned() };
    let (what, after) = rest.split_once('}').unwrap();
    if let "the token of a subscriber" | "the token of one who leaves" = what {
        let purpose = if what.ends_with("leaves") { Purpose::Leave } else { Purpose::Manage };
        return format!("{before}{}{after}", subscriber(served, purpose).await);
    }
    let query = match what {
        "the deal of most publishers" => {
            "SELECT id || '/' || slug FROM deals ORDER BY jsonb_array_length(record -> 'history') DESC, (record ->> 'publishers')::int DESC, id LIMIT 1"
        }
        "the deal of most parts" => {
            "SELECT d.id || '/' || d.slug FROM deals d JOIN deals p ON p.part_of = d.id GROUP BY d.id ORDER BY count(*) DESC, d.id LIMIT 1"
        }
        "the article of most claims" => {
            "SELECT article_id::text FROM claims GROUP BY article_id ORDER BY count(*) DESC, article_id LIMIT 1"
        }
        _ => panic!("nobody knows {what}"),
    };
    let filling: String = sqlx::query_scalar(query).fetch_one(served.database.pool()).await.unwrap();
    format!("{before}{filling}{after}")
}

/// What is wrong with a page, at every width and in every light.
async fn look_at(browser: &Browser, served: &Served, name: &str, path: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    browser.open(&format!("{}{path}", served.origin)).await;
    for theme in Theme::BOTH {
        browser.light(theme).await;
        for width in WIDTHS {
            browser.resize(width).await;
            let view = format!("{name}-{width}-{}", theme.name());
            let wider = browser.overflow().await;
            if wider > 0 {
                wrong.push(format!("{view}: {wider} pixels wider than the screen"));
            }
            let faults = browser.faults().await;
            wrong.extend(faults.into_iter().map(|fault| format!("{view}: {fault}")));
            browser.picture(&view).await;
        }
    }
    wrong
}

/// Looks at every so manieth page, so that several browsers share the work.
async fn look_at_every(share: usize, of: usize) {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    let mut wrong = Vec::new();
    for (name, path) in PAGES.into_iter().skip(share).step_by(of) {
        let path = filled_in(&served, path).await;
        wrong.extend(look_at(&browser, &served, name, &path).await);
        // The browser writes down an answer that is no success, as these are meant to be.
        let told = |complaint: &String| {
            complaint.contains("Failed to load resource") && ["timeline-problem", "lost"].contains(&name)
        };
        let complaints = browser.complaints().await.into_iter().filter(|complaint| !told(complaint));
        wrong.extend(complaints.map(|complaint| format!("{name}: the console says {complaint}")));
        let strangers = browser.requests().await.into_iter().filter(|url| {
            let own = url.starts_with(&served.origin) || url.starts_with("data:");
            !own && !url.starts_with("chrome") && url != "about:blank"
        });
        wrong.extend(strangers.map(|url| format!("{name}: it asks another host, {url}")));
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_in_order_at_every_width_light_and_dark() {
    look_at_every(0, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_page_is_in_order_at_every_width_light_and_dark() {
    look_at_every(1, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_of_the_navigation_is_looked_at() {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    browser.open(&served.origin).await;
    let links = browser.ask("return [...document.querySelectorAll('nav a')].map((a) => a.getAttribute('href'))").await;
    for link in links.as_array().unwrap() {
        assert!(PAGES.iter().any(|(_, path)| *path == link), "{link} is looked at nowhere");
    }
}
