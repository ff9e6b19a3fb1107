//! The combinations of values that two definitions are compared in, and some of them in words.

use std::sync::Arc;

use super::Situated;
use super::domain::{Dimension, Told};

/// A combination of values, by their places in the dimensions.
pub(crate) type Cell = Vec<usize>;

/// Every combination of values.
pub(crate) fn cells(dimensions: &[Dimension]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = vec![Vec::new()];
    for dimension in dimensions {
        let longer = |cell: &Cell| {
            let cell = cell.clone();
            (0..dimension.values.len()).map(move |place| [cell.as_slice(), &[place]].concat())
        };
        cells = cells.iter().flat_map(longer).collect();
    }
    cells
}

/// Some of the cells in words, without the names that make no difference among them.
pub(crate) fn situations(dimensions: &[Dimension], cells: &[&Cell]) -> Vec<Situated> {
    let mut cells: Vec<Cell> = cells.iter().map(|cell| (*cell).clone()).collect();
    let mut matters: Vec<bool> = vec![true; dimensions.len()];
    for (index, dimension) in dimensions.iter().enumerate() {
        let without = |cell: &Cell| -> Cell {
            let mut cell = cell.clone();
            if let Some(place) = cell.get_mut(index) {
                *place = 0;
            }
            cell
        };
        let mut projected: Vec<Cell> = cells.iter().map(without).collect();
        projected.sort();
        projected.dedup();
        // All values of this name occur with each combination of the others.
        if projected.len() * dimension.values.len() == cells.len() {
            cells = projected;
            if let Some(place) = matters.get_mut(index) {
                *place = false;
            }
        }
    }
    let words = |cell: &Cell| -> Situated {
        let named = dimensions.iter().zip(cell).zip(&matters);
        let named = named
            .filter(|(_, matters)| **matters)
            .filter_map(|((it, place), _)| {
                let value = it.values.get(*place)?.clone();
                Some((Arc::clone(&it.path), value))
            });
        named.collect()
    };
    let mut all: Vec<Situated> = cells.iter().map(words).collect();
    for name in 0..all.first().map_or(0, Vec::len) {
        all = joined(all, name);
    }
    match all.as_slice() {
        [one] if one.is_empty() => Vec::new(),
        _ => all,
    }
}

/// Situations with ranges of one name joined that meet, where nothing else differs.
fn joined(all: Vec<Situated>, name: usize) -> Vec<Situated> {
    let mut kept: Vec<Situated> = Vec::new();
    for situation in all {
        let wider = kept
            .iter_mut()
            .find_map(|kept| joint(kept, &situation, name));
        match wider {
            Some((end, last)) => *end = last,
            None => kept.push(situation),
        }
    }
    kept
}

/// The end of a range in one situation, and where it is to be so that the next is in it, too.
fn joint<'k>(kept: &'k mut Situated, next: &Situated, name: usize) -> Option<(&'k mut i64, i64)> {
    let others = kept.iter().zip(next).enumerate();
    let mut others = others.filter(|(place, _)| *place != name);
    if !others.all(|(_, (one, other))| one == other) {
        return None;
    }
    match (kept.get_mut(name)?, next.get(name)?) {
        ((_, Told::Within(_, end)), (_, Told::Within(first, last)))
            if end.checked_add(1) == Some(*first) =>
        {
            Some((end, *last))
        }
        _ => None,
    }
}
