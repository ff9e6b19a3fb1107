//! The combinations of values that two definitions are compared in, and some of them in words.

use std::sync::Arc;

use super::Situated;
use super::domain::Dimension;

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
    let all: Vec<Situated> = cells.iter().map(words).collect();
    match all.as_slice() {
        [one] if one.is_empty() => Vec::new(),
        _ => all,
    }
}
