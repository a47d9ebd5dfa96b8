//! Inserts a switch at each place where a mutant differs, so that one build holds all mutants.
//!
//! `crate::mutant::on(7)` is true in the run of mutant 7, and in no other.

use quote::quote;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BinOp, Block, Expr, ExprClosure, File, ImplItemFn, ItemFn, Lit, Pat, ReturnType, Signature,
    Stmt, Type, UnOp, parse_quote,
};

/// One change of the source code.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) function: String,
    pub(crate) what: String,
}

/// Methods whose closure returns a decision.
const DECIDING: [&str; 10] = [
    "all",
    "any",
    "filter",
    "find",
    "is_none_or",
    "is_some_and",
    "position",
    "retain",
    "rfind",
    "take_while",
];

/// Functions without influence on who sees or changes a record: texts and optimizations.
const UNRELATED_TO_SCOPE: [&str; 6] = [
    "caller_description",
    "to_json",
    "name_of",
    "to_text",
    "candidates",
    "rows_read",
];

/// The field of an access policy whose closure decides who sees a record.
const POLICY_DECISION: &str = "can_see";

/// Inserts the switches and adds the mutants, which are numbered from 1.
pub(crate) fn insert_switches(file: &mut File, path: &str, mutants: &mut Vec<Mutant>) {
    let mut switches = Switches {
        path,
        functions: Vec::new(),
        mutants,
    };
    switches.visit_file_mut(file);
}

struct Switches<'m> {
    path: &'m str,
    /// The enclosing functions, from the outermost; empty outside of functions.
    functions: Vec<String>,
    mutants: &'m mut Vec<Mutant>,
}

impl Switches<'_> {
    fn on(&mut self, at: &impl Spanned, what: &str) -> Expr {
        let line = at.span().start().line;
        self.mutants.push(Mutant {
            file: self.path.to_owned(),
            line,
            function: self.functions.join("/"),
            what: what.to_owned(),
        });
        let number = self.mutants.len();
        parse_quote!(crate::mutant::on(#number))
    }

    /// Returns the condition with two mutants: always true and always false. `before` is the
    /// condition without switches.
    fn decided(&mut self, condition: &Expr, before: &Expr) -> Expr {
        let text = short(before);
        let always = self.on(before, &format!("`{text}` is always true"));
        let never = self.on(before, &format!("`{text}` is always false"));
        parse_quote!(((#always || (#condition)) && !#never))
    }

    fn body(&mut self, signature: &Signature, block: &mut Block) {
        let ReturnType::Type(_, of) = &signature.output else {
            return;
        };
        let Type::Path(path) = &**of else {
            return;
        };
        let Some(last) = path.path.segments.last() else {
            return;
        };
        let values: Vec<Expr> = match last.ident.to_string().as_str() {
            "bool" => vec![parse_quote!(true), parse_quote!(false)],
            "Option" => vec![parse_quote!(None)],
            "Vec" | "BTreeSet" | "BTreeMap" => vec![parse_quote!(Default::default())],
            "Result" if quote!(#last).to_string().starts_with("Result < ()") => {
                vec![parse_quote!(Ok(()))]
            }
            _ => return,
        };
        for value in values {
            let on = self.on(&signature.ident, &format!("gives {}", short(&value)));
            block
                .stmts
                .insert(0, parse_quote!(if #on { return #value; }));
        }
    }

    fn inside(&mut self, name: &str, work: impl FnOnce(&mut Self)) {
        self.functions.push(name.to_owned());
        work(self);
        self.functions.pop();
    }

    fn function(&mut self, signature: &Signature, block: &mut Block) {
        let name = signature.ident.to_string();
        if signature.constness.is_some() || UNRELATED_TO_SCOPE.contains(&name.as_str()) {
            return;
        }
        self.inside(&name, |it| {
            it.visit_block_mut(block);
            it.body(signature, block);
        });
    }

    fn deciding(&mut self, closure: &mut ExprClosure) {
        let before = closure.body.clone();
        self.visit_expr_mut(&mut closure.body);
        *closure.body = self.decided(&closure.body.clone(), &before);
    }
}

impl VisitMut for Switches<'_> {
    fn visit_item_fn_mut(&mut self, item: &mut ItemFn) {
        let signature = item.sig.clone();
        self.function(&signature, &mut item.block);
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut ImplItemFn) {
        let signature = item.sig.clone();
        self.function(&signature, &mut item.block);
    }

    fn visit_item_mod_mut(&mut self, item: &mut syn::ItemMod) {
        // Tests are not mutated.
        if item.ident != "tests" {
            visit_mut::visit_item_mod_mut(self, item);
        }
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        let syn::Member::Named(name) = &field.member else {
            return;
        };
        let name = name.to_string();
        if let Expr::Closure(closure) = &mut field.expr {
            if name == POLICY_DECISION {
                self.inside(&name, |it| it.deciding(closure));
            }
            return;
        }
        visit_mut::visit_field_value_mut(self, field);
    }

    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        let text = short(statement);
        visit_mut::visit_stmt_mut(self, statement);
        if let Stmt::Expr(Expr::Try(check), Some(_)) = statement {
            let on = self.on(check, &format!("`{text}` is not there"));
            *statement = parse_quote!(if !#on { #check; });
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::MethodCall(call) = expr {
            let decides = DECIDING.contains(&call.method.to_string().as_str());
            self.visit_expr_mut(&mut call.receiver);
            for argument in &mut call.args {
                match argument {
                    Expr::Closure(closure) if decides => self.deciding(closure),
                    argument => self.visit_expr_mut(argument),
                }
            }
            return;
        }
        let before = expr.clone();
        visit_mut::visit_expr_mut(self, expr);
        if self.functions.is_empty() {
            return;
        }
        match expr {
            Expr::Binary(binary) => {
                let text = short(&before);
                match binary.op {
                    BinOp::And(_) | BinOp::Or(_) => {
                        let is_and = matches!(binary.op, BinOp::And(_));
                        let Expr::Binary(before) = &before else {
                            return;
                        };
                        for (side, before) in [
                            (&mut binary.left, &before.left),
                            (&mut binary.right, &before.right),
                        ] {
                            if has_let(before) || is_joined(before) {
                                continue;
                            }
                            let what = format!("without `{}` in `{text}`", short(before));
                            let on = self.on(before, &what);
                            **side = if is_and {
                                parse_quote!((#on || (#side)))
                            } else {
                                parse_quote!((!#on && (#side)))
                            };
                        }
                    }
                    BinOp::Eq(_) | BinOp::Ne(_) => {
                        let on = self.on(&before, &format!("the opposite of `{text}`"));
                        *expr = parse_quote!((#on != (#binary)));
                    }
                    BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
                        let on = self.on(&before, &format!("the opposite of `{text}`"));
                        let edge = self.on(&before, &format!("the other at the edge of `{text}`"));
                        let (left, right) = (&binary.left, &binary.right);
                        let same: Expr = parse_quote!(((#left) == (#right)));
                        *expr = parse_quote!((#on != ((#binary) != (#edge && #same))));
                    }
                    _ => {}
                }
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                let on = self.on(&before, &format!("the opposite of `{}`", short(&before)));
                *expr = parse_quote!((#on != (#unary)));
            }
            Expr::Lit(literal) if matches!(literal.lit, Lit::Bool(_)) => {
                let on = self.on(&before, &format!("the opposite of `{}`", short(&before)));
                *expr = parse_quote!((#on != #literal));
            }
            Expr::If(it) if !has_let(&it.cond) => {
                let Expr::If(before) = &before else { return };
                *it.cond = self.decided(&it.cond.clone(), &before.cond);
            }
            _ => {}
        }
    }

    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        // A pattern itself cannot have a switch, only its guard.
        if let Pat::Guard(it) = pattern
            && !has_let(&it.guard)
        {
            let before = it.guard.clone();
            self.visit_expr_mut(&mut it.guard);
            *it.guard = self.decided(&it.guard.clone(), &before);
        }
    }

    fn visit_attribute_mut(&mut self, _: &mut syn::Attribute) {}
}

fn is_joined(expr: &Expr) -> bool {
    match expr {
        Expr::Binary(it) => matches!(it.op, BinOp::And(_) | BinOp::Or(_)),
        Expr::Paren(it) => is_joined(&it.expr),
        _ => false,
    }
}

fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(it) => has_let(&it.left) || has_let(&it.right),
        Expr::Paren(it) => has_let(&it.expr),
        _ => false,
    }
}

/// Returns the beginning of the code on one line.
fn short(code: &impl quote::ToTokens) -> String {
    let text = quote!(#code).to_string();
    text.chars().take(110).collect()
}

#[cfg(test)]
mod tests {
    use super::{POLICY_DECISION, insert_switches};

    #[test]
    fn the_decisions_of_access_policies_have_mutants() {
        let source = include_str!("../../../sandbox/src/state/scope/policy.rs");
        let mut file = syn::parse_file(source).expect("Rust code");
        let mut mutants = Vec::new();
        insert_switches(&mut file, "policy.rs", &mut mutants);
        assert!(mutants.iter().any(|it| it.function == POLICY_DECISION));
    }
}
