//! Pulling a layout together.
//!
//! The library aligns long lines well, but leaves labels and boxes far from what they belong to,
//! where its alignment had nothing to say. So everything is drawn towards its neighbours, as far as
//! there is room: the order within layers stays, and so does every line that runs straight down.

use std::collections::BTreeMap;

/// Something that moves sideways as a whole: a box, a label, a straight part of a line.
#[derive(Debug, Clone, Default)]
pub(super) struct Unit {
    /// Where its middle is.
    pub(super) x: f64,
    /// The layers that it is in, with how far it reaches to the left and to the right there.
    pub(super) parts: Vec<Part>,
    /// What it is drawn towards, and how strongly.
    pub(super) pulls: Vec<(usize, f64)>,
}

/// What a unit takes of a layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) layer: i64,
    pub(super) left: f64,
    pub(super) right: f64,
}

const SWEEPS: usize = 24;

/// Draws everything together. Units of a layer stay in order and `apart` from each other.
pub(super) fn settle(units: &mut [Unit], apart: f64) {
    let layers = Order::of(units);
    for sweep in 0..SWEEPS {
        let rows: Vec<&Vec<Slot>> = layers.0.values().collect();
        let count = rows.len();
        for step in 0..count {
            let index = if sweep % 2 == 0 {
                step
            } else {
                count - 1 - step
            };
            if let Some(row) = rows.get(index) {
                settle_row(units, row, apart);
            }
        }
        for index in 0..units.len() {
            settle_long(units, index, &layers, apart);
        }
    }
}

/// The units of each layer from left to right.
struct Order(BTreeMap<i64, Vec<Slot>>);

#[derive(Debug, Clone, Copy)]
struct Slot {
    unit: usize,
    part: Part,
}

impl Order {
    fn of(units: &[Unit]) -> Self {
        let mut layers: BTreeMap<i64, Vec<Slot>> = BTreeMap::new();
        for (unit, it) in units.iter().enumerate() {
            for part in &it.parts {
                layers
                    .entry(part.layer)
                    .or_default()
                    .push(Slot { unit, part: *part });
            }
        }
        let x = |slot: &Slot| units.get(slot.unit).map_or(0.0, |it| it.x);
        for row in layers.values_mut() {
            row.sort_by(|one, other| x(one).total_cmp(&x(other)).then(one.unit.cmp(&other.unit)));
        }
        Self(layers)
    }
}

/// Where a unit would like to be, and how much.
fn wish(units: &[Unit], index: usize) -> Option<(f64, f64)> {
    let pulls = &units.get(index)?.pulls;
    let (mut sum, mut weight) = (0.0, 0.0);
    for (other, pull) in pulls {
        sum += units.get(*other)?.x * pull;
        weight += pull;
    }
    (weight > 0.0).then(|| (sum / weight, weight))
}

/// Moves what is in this layer alone, all of it at once: between two units that reach into other
/// layers, to where the sum of the squared distances from what each would like is least.
fn settle_row(units: &mut [Unit], row: &[Slot], apart: f64) {
    let is_long = |slot: &Slot| units.get(slot.unit).is_none_or(|it| it.parts.len() > 1);
    let mut runs: Vec<(Option<Slot>, Vec<Slot>, Option<Slot>)> = vec![(None, Vec::new(), None)];
    for slot in row {
        match (is_long(slot), runs.last_mut()) {
            (true, Some(run)) => {
                run.2 = Some(*slot);
                runs.push((Some(*slot), Vec::new(), None));
            }
            (false, Some(run)) => run.1.push(*slot),
            (_, None) => {}
        }
    }
    for (before, run, after) in runs {
        settle_run(units, before, &run, after, apart);
    }
}

fn settle_run(
    units: &mut [Unit],
    before: Option<Slot>,
    run: &[Slot],
    after: Option<Slot>,
    apart: f64,
) {
    let at = |slot: &Slot| units.get(slot.unit).map_or(0.0, |it| it.x);
    // Seen from the place of the first, so that "in order and apart" becomes "in order".
    let mut offset = 0.0;
    let mut last: Option<Slot> = None;
    let mut offsets = Vec::with_capacity(run.len());
    let mut blocks: Vec<Block> = Vec::new();
    for slot in run {
        if let Some(last) = last {
            offset += last.part.right + apart + slot.part.left;
        }
        last = Some(*slot);
        offsets.push(offset);
        let (wish, weight) = wish(units, slot.unit).unwrap_or((at(slot), 0.01));
        merge(
            &mut blocks,
            Block {
                at: wish - offset,
                weight,
                count: 1,
            },
        );
    }
    let low = before.map(|it| at(&it) + it.part.right + apart);
    let low = low
        .zip(run.first())
        .map(|(low, first)| low + first.part.left);
    let high = after.map(|it| at(&it) - it.part.left - apart - offset);
    let high = high
        .zip(run.last())
        .map(|(high, last)| high - last.part.right);
    let places = blocks
        .iter()
        .flat_map(|block| std::iter::repeat_n(block.at, block.count));
    let places: Vec<f64> = places
        .map(|at| {
            at.min(high.unwrap_or(f64::MAX))
                .max(low.unwrap_or(f64::MIN))
        })
        .collect();
    for ((slot, offset), place) in run.iter().zip(offsets).zip(places) {
        if let Some(unit) = units.get_mut(slot.unit) {
            unit.x = place + offset;
        }
    }
}

/// Neighbours that want to be where others are, and share the place that suits them best.
struct Block {
    at: f64,
    weight: f64,
    count: usize,
}

fn merge(blocks: &mut Vec<Block>, mut block: Block) {
    while let Some(last) = blocks.pop_if(|last| last.at > block.at) {
        let weight = last.weight + block.weight;
        block = Block {
            at: (last.at * last.weight + block.at * block.weight) / weight,
            weight,
            count: last.count + block.count,
        };
    }
    blocks.push(block);
}

/// Moves what is in many layers as far as its neighbours in all of them let it.
fn settle_long(units: &mut [Unit], index: usize, layers: &Order, apart: f64) {
    let Some(unit) = units.get(index).filter(|it| it.parts.len() > 1) else {
        return;
    };
    let Some((wish, _)) = wish(units, index) else {
        return;
    };
    let (mut low, mut high) = (f64::MIN, f64::MAX);
    for part in &unit.parts {
        let row = layers.0.get(&part.layer).map_or(&[][..], Vec::as_slice);
        let Some(own) = row.iter().position(|slot| slot.unit == index) else {
            continue;
        };
        let at = |slot: &Slot| units.get(slot.unit).map_or(0.0, |it| it.x);
        if let Some(before) = own.checked_sub(1).and_then(|it| row.get(it)) {
            low = low.max(at(before) + before.part.right + apart + part.left);
        }
        if let Some(after) = row.get(own + 1) {
            high = high.min(at(after) - after.part.left - apart - part.right);
        }
    }
    // Where the library left too little room, nothing moves.
    if low <= high
        && let Some(unit) = units.get_mut(index)
    {
        unit.x = wish.clamp(low, high);
    }
}
