//! `cargo xtask mutants`: removes each check of the sandbox's scope in turn, and reports those
//! whose removal no test notices.
//!
//! ```text
//! cargo xtask mutants [--list] [--missed OUTPUT] [FILE...]
//!
//!     FILE...           source files to mutate, as paths from the repository's root;
//!                       by default every file of scope
//!     --list            lists the mutants and runs nothing
//!     --missed OUTPUT   runs only the mutants that an earlier run missed; OUTPUT is a file
//!                       with what that run printed
//! ```
//!
//! All mutants are in one build, each behind a switch, because building each separately takes a
//! day. The run of a mutant ends with the first test that fails. A copy of the sources with the
//! switches is in `target/mutants`; the repository's own are not changed. The program fails if a
//! mutant was missed, or if a test fails without any mutant.

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

/// How long the tests of one mutant may take. One that takes longer hangs, and counts as noticed.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Random tests, which take most of the time and prove nothing about scope.
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

/// Returns the number of mutants that no test noticed.
fn run() -> Result<usize> {
    let (mut files, mut only_lists, mut earlier) = (Vec::new(), false, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => only_lists = true,
            "--missed" => {
                let file = arguments
                    .next()
                    .ok_or("--missed needs a file with the output of an earlier run")?;
                earlier = Some(fs::read_to_string(file)?);
            }
            option if option.starts_with('-') => {
                return Err(format!("{option} is not an option of `cargo xtask mutants`").into());
            }
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

/// Returns the files that decide who sees and who changes a record.
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

/// Copies every file that git does not ignore, so that the copy builds like the original.
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

/// Builds the sandbox's unit tests and the test `rules`, and returns the two programs.
///
/// # Errors
///
/// What cargo printed, if the build fails.
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

/// Returns the first test that fails with this mutant; 0 is none of them.
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
    let out = child
        .stdout
        .take()
        .ok_or("the test program has no standard output")?;
    // The thread ends when the program closes its output.
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
            Err(RecvTimeoutError::Timeout) => break Some("timed out".to_owned()),
            Err(RecvTimeoutError::Disconnected) => break None,
        }
    };
    if failed.is_some() {
        child.kill()?;
    }
    let status = child.wait()?;
    Ok(failed.or_else(|| (!status.success()).then(|| status.to_string())))
}
