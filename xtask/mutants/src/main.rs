//! Takes each check of the sandbox's scope away in turn, and tells which of them no test misses.
//!
//! All mutants are in one build, each behind a switch: to build each by itself takes a day. A run
//! ends with the first test that fails.
//!
//! `cargo run -p mutants [-- [--list] [--missed OUTPUT] [FILE ...]]`, a file as a path from the
//! root; by default all of scope. `--list` runs nothing; `--missed` runs only those that an earlier
//! run, of which this is the output, missed.

mod switches;

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use switches::Mutant;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// A mutant that runs longer hangs, which is noticed as well.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Random tests prove nothing of scope, and take most of the time.
const SKIPPED: [&str; 4] = ["any_input", "any_route", "pages", "random_seed"];

const MISSED_LABEL: &str = "MISSED";

const SWITCH_MODULE: &str = r#"
mod mutant {
    pub(crate) fn on(number: usize) -> bool {
        static CHOSEN: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
        let chosen = || std::env::var("MUTANT").ok().and_then(|it| it.parse().ok());
        *CHOSEN.get_or_init(|| chosen().unwrap_or_default()) == number
    }
}
"#;

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Gives how many mutants no test noticed.
fn run() -> Result<usize> {
    let (mut files, mut only_lists, mut earlier) = (Vec::new(), false, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => only_lists = true,
            "--missed" => earlier = Some(fs::read_to_string(arguments.next().ok_or("no output")?)?),
            _ => files.push(argument),
        }
    }
    if files.is_empty() {
        files = scope_files()?;
    }
    let copy = Path::new("target/mutants");
    copy_sources(copy)?;
    let mut mutants = Vec::new();
    for file in &files {
        let mut code = syn::parse_file(&fs::read_to_string(file)?)?;
        switches::insert_switches(&mut code, file, &mut mutants);
        fs::write(copy.join(file), quote::quote!(#code).to_string())?;
    }
    if only_lists {
        for (index, mutant) in mutants.iter().enumerate() {
            println!("{}", describe(index + 1, mutant));
        }
        return Ok(0);
    }
    let tests = build(copy)?;
    if let Some(test) = failing_test(&tests, 0)? {
        return Err(format!("{test} fails without any mutant").into());
    }
    let (mut missed, mut tried) = (0, 0);
    for (index, mutant) in mutants.iter().enumerate() {
        let number = index + 1;
        let missed_before =
            |line: &str| line.starts_with(MISSED_LABEL) && line.contains(&mutant.what);
        if earlier
            .as_ref()
            .is_some_and(|it| !it.lines().any(missed_before))
        {
            continue;
        }
        tried += 1;
        if let Some(test) = failing_test(&tests, number)? {
            println!("noticed {}: {test}", describe(number, mutant));
        } else {
            missed += 1;
            println!("{MISSED_LABEL}  {}", describe(number, mutant));
        }
    }
    println!("{tried} mutants, {missed} missed");
    Ok(missed)
}

fn describe(number: usize, mutant: &Mutant) -> String {
    let Mutant {
        file,
        line,
        function,
        what,
    } = mutant;
    format!("{number} {file}:{line} {function}: {what}")
}

/// The files that say who sees and who changes what.
fn scope_files() -> Result<Vec<String>> {
    let state = Path::new("sandbox/src/state");
    let mut files = vec![state.join("scope.rs"), state.join("access_grant.rs")];
    for entry in fs::read_dir(state.join("scope"))? {
        files.push(entry?.path());
    }
    files.sort();
    let names = files.into_iter().map(|it| it.display().to_string());
    Ok(names.collect())
}

/// Every file that git knows, so that the sandbox is built there as it is here.
fn copy_sources(copy: &Path) -> Result<()> {
    let known = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()?;
    for name in String::from_utf8(known.stdout)?.split_terminator('\0') {
        let to = copy.join(name);
        let text = fs::read(name)?;
        if fs::read(&to).is_ok_and(|it| it == text) {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(to, text)?;
    }
    let library = copy.join("sandbox/src/lib.rs");
    let text = fs::read_to_string("sandbox/src/lib.rs")?;
    fs::write(library, format!("{text}{SWITCH_MODULE}"))?;
    Ok(())
}

/// Builds the sandbox's own tests and those of the rules; gives their programs.
fn build(copy: &Path) -> Result<Vec<PathBuf>> {
    let target = std::env::current_dir()?.join("target");
    let output = Command::new("cargo")
        .args(["test", "--no-run", "--package", "seam-session-sandbox"])
        .args(["--lib", "--test", "rules", "--release"])
        .env("CARGO_TARGET_DIR", target)
        .current_dir(copy)
        .output()?;
    let text = String::from_utf8(output.stderr)?;
    let programs = text.lines().filter_map(|line| {
        let (_, path) = line.trim().strip_prefix("Executable ")?.rsplit_once(" (")?;
        Some(PathBuf::from(path.strip_suffix(')')?))
    });
    let programs: Vec<PathBuf> = programs.collect();
    if programs.len() == 2 {
        Ok(programs)
    } else {
        Err(text.into())
    }
}

/// The first test that fails with this mutant, if one does.
fn failing_test(programs: &[PathBuf], number: usize) -> Result<Option<String>> {
    for tests in programs {
        let failed = first_failure(tests, number)?;
        if failed.is_some() {
            return Ok(failed);
        }
    }
    Ok(None)
}

fn first_failure(tests: &Path, number: usize) -> Result<Option<String>> {
    let mut command = Command::new(tests);
    for name in SKIPPED {
        command.args(["--skip", name]);
    }
    let mut child = command
        .env("MUTANT", number.to_string())
        .env("PROPTEST_RNG_SEED", "1")
        .current_dir("sandbox")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (line, lines) = mpsc::channel();
    let out = child.stdout.take().ok_or("no output")?;
    // It ends with the output, which ends with the program.
    thread::spawn(move || {
        for text in BufReader::new(out).lines().map_while(Result::ok) {
            if line.send(text).is_err() {
                return;
            }
        }
    });
    let begun = Instant::now();
    let failed = loop {
        match lines.recv_timeout(TIMEOUT.saturating_sub(begun.elapsed())) {
            Ok(text) if text.ends_with("... FAILED") => break Some(text),
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => break Some("nothing more happens".to_owned()),
            Err(RecvTimeoutError::Disconnected) => break None,
        }
    };
    if failed.is_some() {
        child.kill()?;
    }
    let status = child.wait()?;
    Ok(failed.or_else(|| (!status.success()).then(|| status.to_string())))
}
