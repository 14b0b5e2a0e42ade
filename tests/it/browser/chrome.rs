//! Chromium without a window, driven as a visitor drives it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, error::CmdError, key::Key, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What finds faults of accessibility; see the README beside it.
const AXE: &str = include_str!("axe.min.js");

/// How a screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Ink on paper.
    Light,
    /// The other way round.
    Dark,
}

impl Theme {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Light, Self::Dark];

    /// As a stylesheet calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A browser of its own, with nothing remembered.
pub struct Browser {
    driver: Child,
    port: u16,
    /// The page that it shows.
    pub client: Client,
    _profile: TempDir,
}

impl Browser {
    /// Starts one. It panics where there is none, with the sentence that says what to install.
    pub async fn start() -> Self {
        Self::with_script(true).await
    }

    /// Starts one that runs no script of any page.
    pub async fn without_script() -> Self {
        Self::with_script(false).await
    }

    async fn with_script(runs: bool) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("`chromedriver` does not start ({error}): run `scripts/install browser`"));
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port: u16 = loop {
            let line = lines.next().expect("chromedriver says where it listens").unwrap();
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));

        let profile = tempfile::tempdir().unwrap();
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
        ]
        .map(ToOwned::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let scripts = if runs { 1 } else { 2 };
        let capabilities = json!({
            "goog:chromeOptions": {"args": arguments, "prefs": {"profile.managed_default_content_settings.javascript": scripts}},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("Chromium does not start ({error}): run `scripts/install browser`"));
        let browser = Self { driver, port, client, _profile: profile };
        browser.resize(1280).await;
        browser
    }

    /// Opens a page.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Makes the screen so wide, in CSS pixels, and 900 high.
    pub async fn resize(&self, width: u32) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.tell("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Lights or darkens the screen.
    pub async fn light(&self, theme: Theme) {
        let features = json!([{"name": "prefers-color-scheme", "value": theme.name()},
            {"name": "prefers-reduced-motion", "value": "reduce"}]);
        self.tell("Emulation.setEmulatedMedia", json!({"features": features})).await;
    }

    /// What the page's script answers.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text that a visitor sees, white space single.
    pub async fn text(&self, css: &str) -> String {
        let element = self.find(css).await;
        element.text().await.unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The first element, which may take a moment to be there.
    pub async fn find(&self, css: &str) -> fantoccini::elements::Element {
        let found = self.client.wait().at_most(Duration::from_secs(20)).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{css} is not on {}: {error}", self.client.current_url().await.unwrap()),
        }
    }

    /// How many elements there are.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// Clicks on an element, and waits for what it leads to.
    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Types into whatever has the focus.
    pub async fn type_text(&self, text: &str) {
        let focused = self.client.active_element().await.unwrap();
        focused.send_keys(text).await.unwrap();
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: Key) {
        self.type_text(&char::from(key).to_string()).await;
    }

    /// Where it is, without the origin.
    pub async fn place(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url[url::Position::BeforePath..].to_owned()
    }

    /// Waits until it is at an address that holds this.
    pub async fn arrive(&self, part: &str) {
        for _ in 0..400 {
            if self.place().await.contains(part) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it is at {} and not at {part}", self.place().await);
    }

    /// What axe-core finds wrong with the page, one line a fault.
    pub async fn faults(&self) -> Vec<String> {
        let options = json!({"resultTypes": ["violations"], "rules": {"target-size": {"enabled": true}}});
        if self.ask("return typeof axe").await == "undefined" {
            self.ask(AXE).await;
        }
        let script = "const done = arguments[arguments.length - 1];
            axe.run(document, arguments[0]).then(
                (found) => done(found.violations.flatMap((rule) => rule.nodes.map(
                    (node) => rule.id + ': ' + node.target.join(' ') + ' ' + (node.failureSummary || '').split('\\n').slice(1).join(' ')))),
                (error) => done(['axe failed: ' + error]));";
        let found = self.client.execute_async(script, vec![options]).await.unwrap();
        found.as_array().unwrap().iter().map(|fault| fault.as_str().unwrap().to_owned()).collect()
    }

    /// By how many pixels the page is wider than the screen.
    pub async fn overflow(&self) -> i64 {
        let wider = "return document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth";
        self.ask(wider).await.as_i64().unwrap()
    }

    /// What the console has complained of since the last time.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.log("browser").await;
        let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        severe.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The addresses that were asked for since the last time.
    pub async fn requests(&self) -> Vec<String> {
        let entries = self.log("performance").await;
        let messages =
            entries.iter().filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        let sent = messages.filter(|message| message["message"]["method"] == "Network.requestWillBeSent");
        sent.filter_map(|message| Some(message["message"]["params"]["request"]["url"].as_str()?.to_owned())).collect()
    }

    /// Keeps a picture of the whole page, at most 2400 pixels of it, under `target/screenshots`.
    pub async fn picture(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let size = self
            .ask("const r = document.documentElement; return [r.clientWidth, Math.min(r.scrollHeight, 2400)]")
            .await;
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let shot =
            self.tell("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true, "clip": clip}));
        let png = shot.await["data"].as_str().map(ToOwned::to_owned).unwrap();
        let png = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, png).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    /// A command of the browser's own protocol.
    async fn tell(&self, method: &'static str, parameters: Value) -> Value {
        let body = json!({"cmd": method, "params": parameters});
        self.issue("goog/cdp/execute", body).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.issue("se/log", json!({"type": kind})).await.unwrap();
        entries.as_array().cloned().unwrap_or_default()
    }

    async fn issue(&self, path: &'static str, body: Value) -> Result<Value, CmdError> {
        self.client.issue_cmd(Own { path, body }).await
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It takes its browser with it where it is asked to end; a killed one would leave it behind.
        let asked = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut driver| {
            driver.set_read_timeout(Some(Duration::from_secs(10)))?;
            driver.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
            driver.read(&mut [0; 64])
        });
        if asked.is_err() {
            let _ = self.driver.kill();
        }
        let _ = self.driver.wait();
    }
}

/// A command that the driver knows beside the standard's.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (axum::http::Method, Option<String>) {
        (axum::http::Method::POST, Some(self.body.to_string()))
    }
}
