// Written by scripts/languages.ts from linguist-languages 9.5.0, which holds the data of GitHub Linguist (MIT; see NOTICE).
/** A row a language: its name, the category that looks at it first, endings in lower case (the usual one first), whole names, interpreters. */
export const LANGUAGE_TABLE = `
ABAP|sast|.abap||
ASP.NET|sast|.asax .ascx .ashx .asmx .aspx .axd||
Ada|sast|.adb .ada .ads||
Apex|sast|.cls .apex||
Astro|sast|.astro||
Batchfile|sast|.bat .cmd||
Bicep|iac|.bicep .bicepparam||
C|sast|.c .cats .h .idc||tcc
C#|sast|.cs .csx .linq||
C++|sast|.cpp .c++ .cc .cppm .cxx .h++ .hh .hpp .hxx .inl .ino .ipp .ixx .tcc .tpp .txx||
COBOL|sast|.cob .cbl .ccp .cobol .cpy||
Clojure|sast|.clj .boot .cl2 .cljc .cljs .cljscm .cljx .hic||bb
ColdFusion|sast|.cfm .cfml||
Common Lisp|sast|.lisp .asd .ny .podsl||lisp sbcl ccl clisp ecl
Crystal|sast|.cr||crystal
Cuda|sast|.cu .cuh||
Cython|sast|.pyx .pxd .pxi||
Dart|sast|.dart||dart
Dockerfile|iac|.dockerfile .containerfile|Containerfile Dockerfile|
ERB|sast|.erb .rhtml||
Elixir|sast|.ex .exs||elixir
Elm|sast|.elm||
Emacs Lisp|sast|.el .emacs|.abbrev_defs .emacs .gnus .spacemacs .viper Cask Eask _emacs abbrev_defs|
Erlang|sast|.erl .escript .hrl .xrl .yrl|Emakefile|escript
F#|sast|.fs .fsi .fsx||
Fortran|sast|.f .f77||
Go|sast|.go||
Groovy|sast|.groovy .grt .gtpl .gvy|Jenkinsfile|groovy
Hack|sast|.hack .hhi||
Haskell|sast|.hs .hs-boot .hsc||runghc runhaskell runhugs
Java|sast|.java .jav .jsh||
Java Server Pages|sast|.jsp .tag||
JavaScript|sast|.js ._js .cjs .es .es6 .jake .javascript .jsb .jscad .jsfl .jslib .jsm .jspre .jss .jsx .mjs .njs .sjs .ssjs .xsjs .xsjslib|Jakefile|bun chakra d8 deno gjs js node nodejs qjs rhino v8 v8-shell
Julia|sast|.jl||julia
Jupyter Notebook|sast|.ipynb||
Kotlin|sast|.kt .ktm .kts||
Lua|sast|.lua .nse .pd_lua .rbxs .rockspec .wlua||lua luajit
Move|sast|.move||
Nim|sast|.nim .nimble .nimrod .nims||
OCaml|sast|.ml .eliom .eliomi .ml4 .mli .mll .mly||ocaml ocamlrun ocamlscript
Objective-C|sast|.m||
Objective-C++|sast|.mm||
PHP|sast|.php .ctp .php3 .php4 .php5 .phps .phpt|.php .php_cs Phakefile|php
PLSQL|sast|.pls .bdy .fnc .pck .pkb .pks .plb .plsql .spc .tpb .tps .trg .vw||
PLpgSQL|sast|.pgsql||
Pascal|sast|.pas .dfm .dpr .pascal .pp||instantfpc
Perl|sast|.pl .perl .plx .pm .psgi|.latexmkrc Rexfile ack cpanfile latexmkrc|cperl
PowerShell|sast|.ps1 .psd1 .psm1||pwsh
Puppet|sast||Modulefile|
Python|sast|.py .gyp .gypi .lmi .py3 .pyde .pyi .pyp .pyt .pyw .wsgi .xpy|.gclient SConscript SConstruct wscript|python python2 python3 py pypy pypy3 uv
R|sast|.r .rhistory .rsx|.Rhistory .Rprofile expr-dist|Rscript
Racket|sast|.rkt .rktd .rktl .scrbl||racket
Ruby|sast|.rb .gemspec .jbuilder .mspec .podspec .prawn .rabl .rake .rbi .rbuild .rbw .rbx .ru .ruby .thor .watchr|.irbrc .pryrc .simplecov Appraisals Berksfile Brewfile Buildfile Capfile Dangerfile Deliverfile Fastfile Gemfile Guardfile Jarfile Mavenfile Podfile Puppetfile Rakefile Snapfile Steepfile Thorfile Vagrantfile buildfile|ruby macruby rake jruby rbx
Rust|sast|.rs||rust-script
SQL|sast|.sql .ddl .mysql .prc .udf .viw||
Scala|sast|.scala .kojo .sbt||scala
Scheme|sast|.scm .sld .sps .ss||scheme guile bigloo chicken csi gosh r6rs
Shell|sast|.sh .bash .bats .command .ksh .pacscript .sbatch .slurm .tmux .tool .trigger .zsh .zsh-theme||ash bash dash ksh mksh pdksh rc sh zsh
Solidity|sast|.sol||
Svelte|sast|.svelte||
Swift|sast|.swift||
Tcl|sast|.tcl .adp .sdc .tm .xdc||tclsh wish
Terraform|iac|.tf .tofu .tfvars||
TypeScript|sast|.tsx .ts .cts .mts||ts-node tsx
VBScript|sast|.vbs||
Vala|sast|.vala .vapi||
Visual Basic .NET|sast|.vb .vbhtml||
Vue|sast|.vue||
Vyper|sast|.vy||
Zig|sast|.zig||
`;
