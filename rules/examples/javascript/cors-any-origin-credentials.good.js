import cors from 'cors';
import express from 'express';

const app = express();
app.use(cors({ origin: ['https://app.example.org'], credentials: true }));
app.use('/public', cors());
