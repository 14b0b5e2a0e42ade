//! The states of the United States, with their place on a map of equal tiles.

/// Code, name, row and column of each, from the top left. The capital's district stands among them.
pub const TILES: [(&str, &str, usize, usize); 51] = [
    ("AK", "Alaska", 0, 0),
    ("ME", "Maine", 0, 10),
    ("VT", "Vermont", 1, 9),
    ("NH", "New Hampshire", 1, 10),
    ("WA", "Washington", 2, 0),
    ("ID", "Idaho", 2, 1),
    ("MT", "Montana", 2, 2),
    ("ND", "North Dakota", 2, 3),
    ("MN", "Minnesota", 2, 4),
    ("IL", "Illinois", 2, 5),
    ("WI", "Wisconsin", 2, 6),
    ("MI", "Michigan", 2, 7),
    ("NY", "New York", 2, 8),
    ("RI", "Rhode Island", 2, 9),
    ("MA", "Massachusetts", 2, 10),
    ("OR", "Oregon", 3, 0),
    ("NV", "Nevada", 3, 1),
    ("WY", "Wyoming", 3, 2),
    ("SD", "South Dakota", 3, 3),
    ("IA", "Iowa", 3, 4),
    ("IN", "Indiana", 3, 5),
    ("OH", "Ohio", 3, 6),
    ("PA", "Pennsylvania", 3, 7),
    ("NJ", "New Jersey", 3, 8),
    ("CT", "Connecticut", 3, 9),
    ("CA", "California", 4, 0),
    ("UT", "Utah", 4, 1),
    ("CO", "Colorado", 4, 2),
    ("NE", "Nebraska", 4, 3),
    ("MO", "Missouri", 4, 4),
    ("KY", "Kentucky", 4, 5),
    ("WV", "West Virginia", 4, 6),
    ("VA", "Virginia", 4, 7),
    ("MD", "Maryland", 4, 8),
    ("DE", "Delaware", 4, 9),
    ("AZ", "Arizona", 5, 1),
    ("NM", "New Mexico", 5, 2),
    ("KS", "Kansas", 5, 3),
    ("AR", "Arkansas", 5, 4),
    ("TN", "Tennessee", 5, 5),
    ("NC", "North Carolina", 5, 6),
    ("SC", "South Carolina", 5, 7),
    ("DC", "Washington, D.C.", 5, 8),
    ("OK", "Oklahoma", 6, 3),
    ("LA", "Louisiana", 6, 4),
    ("MS", "Mississippi", 6, 5),
    ("AL", "Alabama", 6, 6),
    ("GA", "Georgia", 6, 7),
    ("HI", "Hawaii", 7, 0),
    ("TX", "Texas", 7, 3),
    ("FL", "Florida", 7, 8),
];

/// How many rows and columns the map has.
pub const ROWS: usize = 8;
/// The same of its columns.
pub const COLUMNS: usize = 11;

/// The state of a place's name.
pub fn of(place: &str) -> Option<usize> {
    TILES.iter().position(|(_, state, ..)| *state == place)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_state_has_a_tile_of_its_own() {
        let places: BTreeSet<(usize, usize)> = TILES.iter().map(|(_, _, row, column)| (*row, *column)).collect();
        assert_eq!(places.len(), TILES.len());
        assert!(places.iter().all(|(row, column)| *row < ROWS && *column < COLUMNS));
        let codes: BTreeSet<&str> = TILES.iter().map(|(code, ..)| *code).collect();
        assert_eq!(codes.len(), TILES.len());
    }

    #[test]
    fn a_state_is_found_by_its_name() {
        assert_eq!(of("Texas").map(|at| TILES[at].0), Some("TX"));
        assert_eq!(of("Georgia").map(|at| TILES[at].0), Some("GA"));
        assert_eq!(of("Norway"), None);
    }
}
