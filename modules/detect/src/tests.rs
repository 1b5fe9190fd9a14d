//! What the entities' own tests use, and what holds for all of them.

use crate::{Detect, Detector, Entity, Find, Hit};

fn hits(finds: &[Find], least: u8, text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    Detector::new(finds, least).expect("finds that can be used").find(text.as_bytes(), &mut hits);
    hits
}

fn entity(name: &str) -> Find {
    Find { detect: vec![Detect::Entity(Entity::by_name(name).expect("an entity"))] }
}

/// The texts that are found of one entity, with the confidence that counts where nothing else is said.
pub fn found<'a>(name: &str, text: &'a str) -> Vec<&'a str> {
    hits(&[entity(name)], 50, text).iter().map(|hit| &text[hit.start..hit.end]).collect()
}

#[test]
fn findings_that_overlap_leave_nothing_uncovered() {
    let text = "x 4111111111111111@example.org y";
    let found = hits(&[entity("card"), entity("email")], 0, text);
    let texts: Vec<_> = found.iter().map(|hit| (&text[hit.start..hit.end], hit.which)).collect();
    assert_eq!(texts, [("4111111111111111@example.org", 1)]);
}
