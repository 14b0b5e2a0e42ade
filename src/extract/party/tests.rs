use super::Names;
use crate::{
    extract::{lexicon::Lexicon, quantity, text::Text},
    model::{Category, Registry},
};

fn read(source: &str) -> Names {
    read_article(source, false)
}

fn read_article(source: &str, titled: bool) -> Names {
    let lexicon = Lexicon::shipped();
    let text = Text::new(source.to_owned(), titled, lexicon);
    let figures = quantity::find(&text, lexicon);
    super::find(&text, lexicon, Registry::shipped(), &figures, None)
}

/// The names in a text, each once, in the order in which they come.
fn names(names: &Names) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for entity in names.mentions.iter().flat_map(|m| m.entities.iter()) {
        let name = &names.entities[*entity].name;
        if !found.contains(name) {
            found.push(name.clone());
        }
    }
    found
}

#[track_caller]
fn found(source: &str, expected: &[&str]) {
    assert_eq!(names(&read(source)), expected, "{source}");
}

/// The same where the first line is a headline.
#[track_caller]
fn found_under_headline(source: &str, expected: &[&str]) {
    assert_eq!(names(&read_article(source, true)), expected, "{source}");
}

#[test]
fn an_abbreviated_name_is_the_whole_one() {
    found("Tamsin & Orde Systems has leased a hall. T&OS paid $4 million.", &["Tamsin & Orde Systems", "T&OS"]);
    found(
        "Harrow & Quince borrowed $9 million from Oxley Capital. H&Q repaid it.",
        &["Harrow & Quince", "Oxley Capital"],
    );
    found("Velmar Semiconductor will list. Velmar Semi hopes for $2 billion.", &["Velmar Semiconductor"]);
    found(
        "Oxley Capital bought Clear Rack Holdings. ClearRack makes cabinets.",
        &["Oxley Capital", "Clear Rack Holdings"],
    );
    found(
        "Tarn Cloud has bought Ashgrove Fluids Intermediate, known as Ashflow, for $90 million. Ashflow makes pumps.",
        &["Tarn Cloud", "Ashgrove Fluids Intermediate"],
    );
}

#[test]
fn a_name_without_what_only_says_where_or_what_it_is_stays_the_same() {
    found(
        "Tarn Cloud bought land from the municipality of Arnvik. Arnvik will use the money.",
        &["Tarn Cloud", "municipality of Arnvik"],
    );
    // The legal form may stand before the name.
    found("PT Lintang Bumi will build the hall. Lintang Bumi has 40 staff.", &["Lintang Bumi"]);
    found("Tarn Cloud chose UAB Vetra Statyba.", &["Tarn Cloud", "Vetra Statyba"]);
}

#[test]
fn a_name_may_begin_with_a_figure() {
    found("4Kestrel Compute and 3U Rechenwerk SE will build it.", &["4Kestrel Compute", "3U Rechenwerk"]);
    found(
        "It was sold to Tarn Cloud, 1547 Quarry Systems Realty and 92 Ventures.",
        &["Tarn Cloud", "1547 Quarry Systems Realty", "92 Ventures"],
    );
}

#[test]
fn an_apostrophe_and_an_and_may_be_inside_a_name() {
    found(
        "Fintan O'Darragh Builders and the Bog'Art company will build it.",
        &["Fintan O'Darragh Builders", "Bog'Art"],
    );
    found("Tarn Cloud's halls are Tarn Cloud's own.", &["Tarn Cloud"]);
    found("Sino-Lao Engineering and Construction won the contract.", &["Sino-Lao Engineering and Construction"]);
}

#[test]
fn a_word_that_no_article_writes_small_is_a_name_even_where_it_opens_a_sentence() {
    found("Vindlys, the local power firm, will run it. Quorvex wanted a deposit.", &["Vindlys", "Quorvex"]);
    found(
        "Tenants wanted a deposit. Shareholders Pellworm and Tarn Cloud will pay $4 million of it.",
        &["Pellworm", "Tarn Cloud"],
    );
}

#[test]
fn what_is_counted_measured_or_shortened_is_no_name() {
    found("Tarn Cloud needs a 400kV line and 12 AI start-ups.", &["Tarn Cloud"]);
    found("Doesn't the grid need it? Tarn Cloud doubts it.", &["Tarn Cloud"]);
    found("Nvidia & Co. will spend more with Tarn Cloud.\nSuppliers", &["Nvidia", "Tarn Cloud"]);
}

#[test]
fn firms_of_two_names_are_neither_of_them() {
    found("A clinic, Lumen & Lathe, will rent it. Harold & Banting sold it.", &["Lumen & Lathe", "Harold & Banting"]);
}

#[test]
fn a_scheme_for_people_of_a_trade_is_one_name() {
    found(
        "The loan came from the Carpenters' Retirement System of Dakota.",
        &["Carpenters' Retirement System of Dakota"],
    );
    found("The lender is the Bakers' Assurance Society.", &["Bakers' Assurance Society"]);
}

#[test]
fn a_public_institution_in_lower_case_is_a_name() {
    found("Tarn Cloud will rent computers to the defence ministry.", &["Tarn Cloud", "defence ministry"]);
    found("Tarn Cloud has sold 40 servers to the Danish army.", &["Tarn Cloud", "Danish army"]);
    found(
        "Tarn Cloud buys its power from the Elkhorn Fork public utility district.",
        &["Tarn Cloud", "Elkhorn Fork public utility district"],
    );
    found("The Danish army officer spoke with Tarn Cloud.", &["Tarn Cloud"]);
    found("Tarn Cloud bought 40 acres from the heirs of W. B. Harker.", &["Tarn Cloud", "heirs of W. B. Harker"]);
}

#[test]
fn a_person_who_sells_is_a_name_and_one_who_speaks_is_none() {
    found(
        "Tarn Cloud has acquired Oxley Hosting from its former chief executive Martin Averill.",
        &["Tarn Cloud", "Oxley Hosting", "Martin Averill"],
    );
    found(
        "Tarn Cloud has acquired Oxley Hosting, said chief executive Martin Averill.",
        &["Tarn Cloud", "Oxley Hosting"],
    );
}

#[test]
fn a_firm_named_like_a_place_is_known_by_what_the_text_calls_it() {
    found("Linden Heights, a Chicago investment firm, is buying Tarn Cloud.", &["Linden Heights", "Tarn Cloud"]);
    found("Tarn Cloud is building in Linden Heights, a Chicago suburb.", &["Tarn Cloud"]);
}

#[test]
fn of_two_companies_that_share_a_short_name_the_country_and_the_trade_beside_it_tell_who_is_meant() {
    found("The British data centre operator Ark will spend £200 million on a hall.", &["Ark Data Centres"]);
    found("Ark, a London-based data-centre operator, borrowed £200 million.", &["Ark Data Centres"]);
    found("The US investor ARK has put $20 million into Tarn Cloud.", &["ARK Invest", "Tarn Cloud"]);
    found("Pure Storage sold $20 million of arrays. Pure will ship them in May.", &["Pure Storage"]);
    found("Pure, based in London, leased 20 MW to Tarn Cloud. Pure DC owns the site.", &["Pure DC", "Tarn Cloud"]);
}

#[test]
fn a_shared_name_of_which_nothing_is_told_is_nobody_of_the_registry() {
    found("Ark said that it would spend $20 million.", &["Ark"]);
}

#[track_caller]
fn tells(source: &str, country: Option<&'static str>, category: Option<Category>) {
    let names = read(source);
    assert_eq!(names.entities[0].told, (country, category), "{source}: {}", names.entities[0].name);
}

#[test]
fn where_a_company_is_from_and_what_it_does_is_read_beside_its_name() {
    tells("The Oslo-based data centre operator Verdal has raised $9 million.", Some("NO"), Some(Category::DataCenter));
    tells("Verdal, a Norwegian utility, has raised $9 million.", Some("NO"), Some(Category::Utility));
    tells("South Korean chip designer Verdal has raised $9 million.", Some("KR"), Some(Category::Chipmaker));
    tells("Verdal Holdings (Utrecht) has raised $9 million.", Some("NL"), None);
    tells("Verdal, headquartered in Austin, has raised $9 million.", Some("US"), None);
    tells("In Norway, Verdal has raised $9 million.", None, None);
}

#[test]
fn a_known_company_keeps_its_own_country_unless_the_text_contradicts_that_and_its_trade() {
    tells("The Norwegian chip designer Nvidia has raised $9 million.", None, None);
    tells("The Norwegian utility Nvidia has raised $9 million.", Some("NO"), Some(Category::Utility));
    tells("The American utility Nvidia has raised $9 million.", None, None);
}

#[test]
fn a_common_noun_that_a_filing_writes_with_a_capital_from_there_on_is_nobody() {
    found(
        "Tarn Cloud entered into a new purchase order (the “Purchase Order”) with Oxley Systems, Inc. (the “Supplier”). The \
         Purchase Order runs for two years.",
        &["Tarn Cloud", "Oxley Systems"],
    );
}

#[test]
fn a_unit_under_the_name_of_a_known_company_is_a_company_of_its_own() {
    found(
        "Hyundai Engineering has won the order from Tarn Power. Hyundai will begin in May.",
        &["Hyundai Engineering", "Tarn Power"],
    );
    found("Schroders Greencoat invested $40 million in Tarn Cloud.", &["Schroders Greencoat", "Tarn Cloud"]);
    found("Atlassian Ventures and Oxley Capital led the round.", &["Atlassian Ventures", "Oxley Capital"]);
    // What it makes, and who leads it, is none.
    found("Tarn Cloud ordered Nvidia Blackwell systems.", &["Tarn Cloud", "Nvidia"]);
    found("Tesla Megapack will come first. Tesla signed.", &["Tesla"]);
    found("Microsoft President Brad Smith spoke. Vertiv Group will ship racks.", &["Microsoft", "Vertiv"]);
    // Where the text has told of the company before, its name stands for it.
    found(
        "Nvidia signed. Nvidia Ventures has put in $5 million. Nvidia declined to comment.",
        &["Nvidia", "Nvidia Ventures"],
    );
}

#[test]
fn what_opens_a_sentence_and_says_how_is_no_name() {
    found("Unusually, Oxley Capital paid in cash.", &["Oxley Capital"]);
    found("Alongside, Oxley Capital has lent $4 million.", &["Oxley Capital"]);
    found("Calendarly, the start-up, raised $4 million. Calendarly is based in Leeds.", &["Calendarly"]);
    found("The Franco-British operator Tarn Cloud borrowed $9 million.", &["Tarn Cloud"]);
}

#[test]
fn legal_forms_before_and_after_a_name_are_no_part_of_it() {
    found("Tamdeen Halls B.S.C. has sold its hall to A/S Stelling.", &["Tamdeen Halls", "Stelling"]);
}

#[test]
fn a_name_keeps_its_first_word_though_that_is_a_place_or_what_opens_the_sentence() {
    found("Tarn Cloud bought the plot from the Council of Arnvik.", &["Tarn Cloud", "Council of Arnvik"]);
    found(
        "The land belongs to the Karnataka Rural Lakes Development Board, which let it to Tarn Cloud.",
        &["Karnataka Rural Lakes Development Board", "Tarn Cloud"],
    );
    found("Helmbank and Oxley Capital have lent it $40 million.", &["Helmbank", "Oxley Capital"]);
    found("Garrans, of Leeds, will build the hall for Tarn Cloud.", &["Garrans", "Tarn Cloud"]);
    found(
        "Lenders Oxbanc and Oxley Capital put up $90 million for Tarn Cloud.",
        &["Oxbanc", "Oxley Capital", "Tarn Cloud"],
    );
}

#[test]
fn everyday_words_that_a_headline_capitalises_are_nobody() {
    found_under_headline("Tarn Cloud Rents Hall as AI Wants Power\nTarn Cloud has rented a hall.", &["Tarn Cloud"]);
    found_under_headline(
        "Velmar Up 9%: $2B for AI Hosting\nShares of Velmar rose. Velmar rents out processors.",
        &["Velmar"],
    );
}

#[test]
fn a_headline_that_runs_into_its_text_names_nobody_twice() {
    found("Two halls sold by Ashgrove Realty Ashgrove Realty has sold two halls.", &["Ashgrove Realty"]);
}

#[test]
fn an_everyday_word_that_is_a_company_is_one_where_it_heads_an_item_or_does_something() {
    found("Galaxy – CoreWeave | 133 MW | ten years", &["Galaxy Digital", "CoreWeave"]);
    found("3. Meta, 144 MW, Columbus – Aligned", &["Meta", "Aligned Data Centers"]);
    found("Tract filed plans for a campus on 230 acres.", &["Tract"]);
    found("Separately – and this is new – Meta paid.", &["Meta"]);
    found("TalentEvidence, a search engine, raised $20 million.", &["TalentEvidence"]);
}
