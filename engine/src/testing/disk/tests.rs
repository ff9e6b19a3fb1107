//! The disk keeps what was synced, and does with the rest whatever a disk may do.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use ::redb::StorageBackend;

use super::*;

fn bytes(disk: &Disk, file: &str) -> Vec<u8> {
    let file = disk.file(file);
    let mut bytes = vec![0; usize::try_from(file.len().unwrap()).unwrap()];
    file.read(0, &mut bytes).unwrap();
    bytes
}

/// A disk with two files, of which one write each was synced and one was not.
fn half_synced() -> Disk {
    let disk = Disk::new();
    for name in ["state", "log"] {
        let file = disk.file(name);
        file.set_len(4096).unwrap();
        file.write(0, &[1; 2048]).unwrap();
        file.sync_data().unwrap();
        file.write(1024, &[2; 2048]).unwrap();
    }
    disk
}

#[test]
fn everything_written_is_seen_and_a_kill_loses_nothing() {
    let disk = half_synced();
    let mut expected = vec![1; 1024];
    expected.extend([2; 2048]);
    expected.extend([0; 1024]);
    assert_eq!(bytes(&disk, "state"), expected);
    let after = disk.after_kill();
    assert_eq!(bytes(&after, "log"), expected);
    disk.file("log").write(0, &[9]).unwrap();
    assert_eq!(bytes(&after, "log"), expected, "another process's disk");
    let lost = |seed| bytes(&after.after_power_loss(seed), "log") != expected;
    assert!((0..20).any(lost), "what was not synced is not safe yet");
}

#[test]
fn a_power_loss_keeps_what_was_synced_and_any_sectors_of_the_rest() {
    let disk = half_synced();
    let mut seen = BTreeSet::new();
    for seed in 0..1_000 {
        let after = disk.after_power_loss(seed);
        let [state, log] = ["state", "log"].map(|file| bytes(&after, file));
        for found in [&state, &log] {
            assert_eq!((&found[..1024], found.len()), (&[1; 1024][..], 4096));
            for (sector, was) in (2..6).zip([1, 1, 0, 0]) {
                let sector = &found[sector * SECTOR..(sector + 1) * SECTOR];
                assert!(sector.iter().all(|byte| *byte == sector[0]));
                assert!([2, was].contains(&sector[0]));
            }
        }
        let sectors = |file: &[u8]| (2..6).map(|at| file[at * SECTOR] == 2).collect::<Vec<_>>();
        seen.insert(("state", sectors(&state)));
        seen.insert(("log", sectors(&log)));
    }
    assert_eq!(seen.len(), 32, "of four sectors each every subset survives");
}

const SECTOR: usize = 512;

#[test]
fn a_length_that_is_lost_takes_with_it_what_was_written_behind_the_old_end() {
    let disk = Disk::new();
    let file = disk.file("log");
    file.write(0, &[1; 512]).unwrap();
    file.sync_data().unwrap();
    file.set_len(2048).unwrap();
    file.write(512, &[2; 512]).unwrap();
    let lengths: BTreeSet<usize> = (0..200)
        .map(|seed| bytes(&disk.after_power_loss(seed), "log").len())
        .collect();
    assert_eq!(lengths, BTreeSet::from([512, 2048]));
    let faults = disk.after_power_loss(0).faults();
    assert_eq!(faults.power_losses, 1);
}

#[test]
fn an_operation_fails_once_or_for_good() {
    let disk = Disk::new();
    let file = disk.file("state");
    disk.fail(1, Failure::Once);
    file.write(0, &[1; 8]).unwrap();
    assert!(file.sync_data().is_err());
    file.sync_data().unwrap();
    disk.fail(0, Failure::Lasting);
    assert!(file.set_len(0).is_err());
    assert!(file.write(0, &[2; 8]).is_err());
    assert_eq!(bytes(&disk, "state"), [1; 8], "it can still be read");
    disk.mend();
    file.set_len(4).unwrap();
    disk.fail_read(0);
    assert!(file.read(0, &mut [0; 4]).is_err());
    file.read(0, &mut [0; 4]).unwrap();
    let faults = disk.faults();
    assert_eq!(
        faults.to_string(),
        "lengths failed 1, syncs failed 1, reads failed 1"
    );
}

#[test]
fn without_power_nothing_happens_any_more() {
    let disk = half_synced();
    disk.fail(0, Failure::PowerLoss);
    let file = disk.file("state");
    assert!(file.write(0, &[3; 512]).is_err());
    assert!(file.sync_data().is_err());
    assert!(file.read(0, &mut [0; 4]).is_err());
    disk.mend();
    assert!(file.sync_data().is_err());
    let in_the_air = |seed| bytes(&disk.after_power_loss(seed), "state")[0] == 3;
    assert!((0..50).any(in_the_air) && !(0..50).all(in_the_air));
}

#[test]
fn a_full_disk_takes_no_more_but_lets_go() {
    let disk = half_synced();
    disk.leave_room(Some(512));
    let file = disk.file("log");
    file.set_len(4608).unwrap();
    let refused = file.write(4608, &[1]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::StorageFull);
    assert_eq!(
        disk.file("state").set_len(4097).unwrap_err().kind(),
        ErrorKind::StorageFull
    );
    file.write(0, &[7; 4608]).unwrap();
    file.set_len(16).unwrap();
    disk.file("state").set_len(4097).unwrap();
    assert_eq!(disk.faults().refused_for_space, 2);
    disk.leave_room(None);
    file.set_len(1 << 20).unwrap();
}

#[test]
fn what_was_recorded_can_be_done_again_elsewhere() {
    let disk = Disk::new();
    disk.record();
    let file = disk.file("state");
    disk.fail(1, Failure::Once);
    file.write(0, &[1; 700]).unwrap();
    assert!(file.write(0, &[2; 700]).is_err());
    file.sync_data().unwrap();
    file.set_len(600).unwrap();
    let again = Disk::new();
    let recorded = disk.recorded();
    assert_eq!(recorded.iter().filter(|done| done.is_sync()).count(), 1);
    for operation in &recorded {
        again.redo(operation).unwrap();
    }
    assert_eq!(again.operations(), 3);
    assert_eq!(bytes(&again, "state"), [1; 600]);
    assert!((0..9).any(|seed| bytes(&again.after_power_loss(seed), "state").len() == 700));
}
